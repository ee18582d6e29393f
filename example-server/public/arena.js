// Draws everyone in the arena, and turns keys, clicks and the pad into steps.

const size = { x: 160, y: 120 };
const directions = {
  ArrowUp: [0, -1],
  KeyW: [0, -1],
  ArrowDown: [0, 1],
  KeyS: [0, 1],
  ArrowLeft: [-1, 0],
  KeyA: [-1, 0],
  ArrowRight: [1, 0],
  KeyD: [1, 0],
};

export class Arena {
  #view;
  #room = null;
  #markers = new Map();
  /** Directions held down at the moment, by key or pad button. */
  #held = new Map();

  constructor(view) {
    this.#view = view;
    view.players.addEventListener("pointerdown", (event) => this.#goto(event));
    addEventListener("keydown", (event) => this.#keyDown(event));
    addEventListener("keyup", (event) => this.#release(event.code));
    addEventListener("blur", () => this.#releaseAll());
    for (const button of view.pad.querySelectorAll("button")) this.#listenToPad(button);
  }

  /** Shows this room until `leave`. */
  enter(room) {
    this.leave();
    this.#room = room;
    room.onStateChange((state) => {
      if (this.#room === room) this.#draw(state.players);
    });
  }

  leave() {
    this.#held.clear();
    this.#room = null;
    this.#markers.clear();
    this.#view.players.replaceChildren();
    this.#say("You are not in it");
  }

  /** Stops where the player is. */
  stand() {
    this.#held.clear();
    this.#walk();
  }

  #draw(players) {
    const gone = new Set(this.#markers.keys());
    players.forEach((player, id) => {
      gone.delete(id);
      const marker = this.#markers.get(id) ?? this.#addMarker(id);
      marker.style.setProperty("--x", player.x / size.x);
      marker.style.setProperty("--y", player.y / size.y);
      marker.style.setProperty("--colour", player.colour);
      marker.classList.toggle("low", player.y > size.y * 0.7);
      marker.classList.toggle("away", player.away);
      marker.classList.toggle("me", id === this.#room.sessionId);
      marker.firstChild.textContent = player.name;
    });
    for (const id of gone) {
      this.#markers.get(id).remove();
      this.#markers.delete(id);
    }
    this.#say(players.size === 1 ? "Only you are here" : `${players.size} players are here`);
  }

  #say(crowd) {
    if (this.#view.crowd.textContent === crowd) return;
    this.#view.crowd.textContent = crowd;
    this.#view.players.setAttribute("aria-label", `Arena. ${crowd}.`);
  }

  #addMarker(id) {
    const marker = document.createElement("div");
    marker.className = "player";
    marker.append(document.createElement("span"));
    this.#view.players.append(marker);
    this.#markers.set(id, marker);
    return marker;
  }

  #goto(event) {
    const box = this.#view.players.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * size.x;
    const y = ((event.clientY - box.top) / box.height) * size.y;
    this.#room?.send("goto", { x, y });
  }

  #keyDown(event) {
    if (this.#room === null || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!(event.code in directions) || event.target.matches?.("input")) return;
    event.preventDefault();
    this.#hold(event.code, directions[event.code]);
  }

  #listenToPad(button) {
    const direction = [Number(button.dataset.x), Number(button.dataset.y)];
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      this.#hold(button, direction);
    });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"])
      button.addEventListener(type, () => this.#release(button));
    // Enter and Space press a button without a pointer: a short step.
    button.addEventListener("click", (event) => {
      if (event.detail !== 0) return;
      this.#hold(button, direction);
      setTimeout(() => this.#release(button), 200);
    });
  }

  #hold(source, direction) {
    if (this.#held.has(source)) return;
    this.#held.set(source, direction);
    this.#walk();
  }

  #release(source) {
    if (this.#held.delete(source)) this.#walk();
  }

  #releaseAll() {
    if (this.#held.size === 0) return;
    this.#held.clear();
    this.#walk();
  }

  #walk() {
    let x = 0;
    let y = 0;
    for (const direction of this.#held.values()) {
      x += direction[0];
      y += direction[1];
    }
    this.#room?.send("walk", { x, y });
  }
}
