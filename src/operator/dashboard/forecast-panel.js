// What if: the forecast of now beside the one of other values. Nothing is changed by asking.
import { by, setText, whileBusy } from "./dom.js";
import { sayError } from "./error-words.js";
import { sayEmpty, sayLastWait, sayPace } from "./forecast-words.js";
import { SettingField } from "./setting-field.js";

/** How often the forecast of now is asked for while the page shows it, and nothing else calls for it. */
const everyMs = 5_000;

export class ForecastPanel {
  #api;
  #rate = new SettingField("targetLoginRatePerSecond", by("forecast-rate"));
  #limit = new SettingField("targetCcuLimit", by("forecast-limit"));
  #askedAt = 0;
  #askedOf = "";
  #isAsking = false;

  constructor(api) {
    this.#api = api;
    const form = by("forecast-form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void whileBusy(form.querySelector("button"), () => this.#whatIf());
    });
  }

  /** The forecast of now, kept fresh, and asked for at once where it cannot hold any longer. The fields hold what is in force until somebody types. */
  async show({ settings, queue }) {
    this.#rate.follow(settings.targetLoginRatePerSecond);
    this.#limit.follow(settings.targetCcuLimit);
    const subject = JSON.stringify([settings, queue.waiting === 0]);
    if (this.#isAsking || (subject === this.#askedOf && Date.now() - this.#askedAt < everyMs)) return;
    this.#isAsking = true;
    this.#askedOf = subject;
    try {
      showForecast("now", await this.#api.get("forecast"));
    } catch (error) {
      setText(by("forecast-now-empty"), sayError(error));
    } finally {
      this.#askedAt = Date.now();
      this.#isAsking = false;
    }
  }

  clear() {
    this.#rate.clear();
    this.#limit.clear();
    this.#askedAt = 0;
    this.#say("");
    setText(by("forecast-then-head"), "With your values");
    for (const when of ["now", "then"]) {
      for (const what of ["empty", "last", "pace"]) setText(by(`forecast-${when}-${what}`), "–");
    }
  }

  async #whatIf() {
    const [rate, limit] = [this.#rate.read(), this.#limit.read()];
    for (const [{ problem }, field] of [
      [rate, this.#rate],
      [limit, this.#limit],
    ]) {
      if (problem === undefined) continue;
      this.#say(problem, { isBad: true });
      return field.focus();
    }
    const query = { targetLoginRatePerSecond: rate.value, targetCcuLimit: limit.value };
    try {
      const [now, then] = await Promise.all([this.#api.get("forecast"), this.#api.get("forecast", query)]);
      showForecast("now", now);
      showForecast("then", then);
      setText(by("forecast-then-head"), `With rate ${rate.value}, limit ${limit.value}`);
      this.#say(`Empty ${sayEmpty(then)}. The last one waits: ${sayLastWait(then)}.`);
    } catch (error) {
      this.#say(sayError(error), { isBad: true });
    }
  }

  #say(words, { isBad = false } = {}) {
    const line = by("forecast-answer");
    line.classList.toggle("bad", isBad);
    setText(line, words);
  }
}

function showForecast(when, forecast) {
  setText(by(`forecast-${when}-empty`), sayEmpty(forecast));
  setText(by(`forecast-${when}-last`), sayLastWait(forecast));
  setText(by(`forecast-${when}-pace`), sayPace(forecast));
}
