// The five parts of the page, one at a time: the address says which, after the #.
import { dropQuestion } from "./confirm.js";
import { by } from "./dom.js";

const names = ["now", "tickets", "sessions", "access", "audit"];

export class Pages {
  /** By name: called when the page is shown. */
  onShow = {};
  #current = null;

  constructor() {
    addEventListener("hashchange", () => this.#follow({ takesFocus: true }));
    // The address goes on saying which part it is.
    by("skip").addEventListener("click", (event) => {
      event.preventDefault();
      by("main").focus();
    });
  }

  get current() {
    return this.#current;
  }

  start() {
    this.#current = null;
    this.#follow({ takesFocus: false });
  }

  go(name) {
    if (this.#current === name) return;
    location.hash = name;
  }

  #follow({ takesFocus }) {
    const wanted = location.hash.slice(1);
    const name = names.includes(wanted) ? wanted : "now";
    if (name === this.#current) return;
    this.#current = name;
    dropQuestion();
    for (const other of names) {
      by(other).hidden = other !== name;
      const link = by(`nav-${other}`);
      if (other === name) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    if (takesFocus) {
      by(`${name}-title`).focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    this.onShow[name]?.();
  }
}
