// Reaches a player who looks elsewhere: the place in the page's title, and, where they asked for it, a flashing title and a chime.

const flashEveryMs = 1_000;

export class Caller {
  #name = document.title;
  #shown = "";
  #flashing;
  #audio = null;

  /** Whether the player wants to be called. */
  isWanted = false;

  constructor() {
    addEventListener("focus", () => this.#stopFlashing());
    document.addEventListener("visibilitychange", () => document.hidden || this.#stopFlashing());
  }

  /** Puts these words before the page's name; none shows the name alone. */
  show(words) {
    this.#shown = words;
    if (this.#flashing === undefined) this.#setTitle(words);
  }

  /** Calls the player with these words, until they look. */
  call(words) {
    if (!this.isWanted) return;
    this.#chime();
    this.#stopFlashing();
    if (!document.hidden && document.hasFocus()) return;
    let isOn = true;
    this.#setTitle(words);
    this.#flashing = setInterval(() => {
      isOn = !isOn;
      this.#setTitle(isOn ? words : this.#shown);
    }, flashEveryMs);
  }

  #stopFlashing() {
    clearInterval(this.#flashing);
    this.#flashing = undefined;
    this.#setTitle(this.#shown);
  }

  #setTitle(words) {
    const title = words === "" ? this.#name : `${words} — ${this.#name}`;
    if (document.title !== title) document.title = title;
  }

  /** Two soft notes. A browser lets no page sound that was not touched before. */
  #chime() {
    if (!navigator.userActivation?.hasBeenActive) return;
    this.#audio ??= new AudioContext();
    const audio = this.#audio;
    audio.resume().then(
      () => {
        playNote(audio, 660, 0);
        playNote(audio, 880, 0.16);
      },
      () => {},
    );
  }
}

function playNote(audio, frequency, delaySeconds) {
  const startsAt = audio.currentTime + delaySeconds;
  const tone = new OscillatorNode(audio, { frequency });
  const volume = new GainNode(audio, { gain: 0 });
  volume.gain.setValueAtTime(0.15, startsAt);
  volume.gain.exponentialRampToValueAtTime(0.001, startsAt + 0.5);
  tone.connect(volume).connect(audio.destination);
  tone.start(startsAt);
  tone.stop(startsAt + 0.5);
}
