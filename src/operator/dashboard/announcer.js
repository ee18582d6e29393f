// What is read out to those who do not see the page: results when there is time, the loss of the connection at once.
import { by } from "./dom.js";

/** The same words twice are heard twice. */
function say(region, words) {
  region.textContent = "";
  requestAnimationFrame(() => {
    region.textContent = words;
  });
}

export function announce(words) {
  say(by("news"), words);
}

export function alarm(words) {
  say(by("alarm"), words);
}
