// Warnings of what the figures alone do not shout: that nobody is being let in, or everybody, and why.
import { by, el, setHidden } from "./dom.js";
import { sayMoment, saySpan } from "./durations.js";
import { sayWho } from "./mode-words.js";

/** A clock that is wrong by more than this misleads whoever looks at both. */
const mostSkewMs = 60_000;

/** What is wrong or out of the ordinary, each in a sentence. `aheadMs`: the store's clock against this device's. */
export function warningsOf({ asOf, queue, process, access }, aheadMs = 0) {
  const warnings = [];
  if (Math.abs(aheadMs) > mostSkewMs) {
    const by = `${saySpan(Math.abs(aheadMs) / 1_000)} ${aheadMs > 0 ? "behind" : "ahead of"}`;
    warnings.push(`This device's clock is ${by} the server's. The times on this page are the server's.`);
  }
  if (access?.modeNow === "limited") {
    const opening = access.opensAt > asOf ? ` It opens to everybody at ${sayMoment(access.opensAt)}.` : "";
    warnings.push(`Access is limited: ${sayWho(access.allow)} may come in.${opening}`);
  }
  if (process?.feedLagMs > 5_000) {
    warnings.push(`The process that answers here is ${saySpan(process.feedLagMs / 1_000)} behind the others.`);
  }
  if (queue === null) return warnings;
  if (queue.holdUntil > queue.asOf) {
    const left = saySpan(Math.ceil((queue.holdUntil - queue.asOf) / 1_000));
    warnings.push(
      `The store started anew: nobody is admitted for another ${left}, so that those who waited can come back first.`,
    );
  }
  if (queue.secondsSinceAdmissionStep > 5) {
    const since = saySpan(queue.secondsSinceAdmissionStep);
    warnings.push(`No process has run the admission step for ${since}: nobody is being let in.`);
  }
  if (queue.mode === "paused") warnings.push("The queue is paused: nobody is admitted. Places are kept.");
  if (queue.mode === "closed")
    warnings.push("The queue is closed: only players whom the access rules name are admitted.");
  if (queue.mode === "open") warnings.push("The queue is open: the rate and the limit hold nobody back.");
  return warnings;
}

export function showWarnings(status, aheadMs) {
  const warnings = warningsOf(status, aheadMs);
  const list = by("alerts");
  setHidden(list, warnings.length === 0);
  const shown = [...list.children].map((item) => item.textContent);
  if (shown.length === warnings.length && shown.every((words, index) => words === warnings[index])) return;
  list.replaceChildren(...warnings.map((words) => el("li", {}, words)));
}
