// How an item of a list shows that something was done to it: it stays where it is, says so, and offers no more.
import { announce } from "./announcer.js";
import { el } from "./dom.js";

/** The question that led here closes first, and would take the focus along. */
export function announceIn(item, words, { keepsButtons = false } = {}) {
  announce(words);
  item.querySelector(".item-done")?.remove();
  const line = el("p", { class: "item-done good", tabIndex: -1 }, words);
  const buttons = item.querySelector(".item-buttons");
  if (keepsButtons) buttons.before(line);
  else buttons.replaceWith(line);
  setTimeout(() => line.focus());
}
