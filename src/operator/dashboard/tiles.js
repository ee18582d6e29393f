// The figures of the moment, large, and the notice that players see.
import { by, el, foreign, setHidden, setText } from "./dom.js";
import { sayCount, sayRate, saySpan } from "./durations.js";
import { queueModes, sayModeName } from "./mode-words.js";

/** The figure of each tile, and the words below it. */
export function tilesOf({ queue }) {
  const margin = queue.limit < queue.targetCcuLimit ? " after the margin" : "";
  return {
    waiting: [sayCount(queue.waiting), queue.away === 0 ? "all of them here" : `${sayCount(queue.away)} of them away`],
    slots: [sayCount(queue.liveSlots), `of ${sayCount(queue.limit)}${margin}: ${sayFullness(queue)}`],
    admitted: [
      `${sayRate(queue.admittedPerSecond["10"])} /s`,
      `of ${sayRate(queue.targetLoginRatePerSecond)} /s allowed; ${sayRate(queue.leftPerSecond["10"])} /s leaving`,
    ],
    eta: queue.etaMs < 0 ? ["–", "not known yet"] : [saySpan(queue.etaMs / 1_000), "until logged in"],
    oldest: [queue.oldestWaitSeconds === null ? "–" : saySpan(queue.oldestWaitSeconds), "of those who still wait"],
    mode: [sayModeName(queue.mode), queueModes[queue.mode]?.meaning ?? ""],
    "no-shows": [sayCount(queue.noShows), "admitted, never logged in"],
  };
}

function sayFullness({ liveSlots, limit }) {
  if (liveSlots > limit) return `${sayCount(liveSlots - limit)} above it`;
  return liveSlots === limit ? "full" : `${Math.floor((100 * liveSlots) / limit)} %`;
}

/** Whether nobody is admitted before somebody leaves. */
function isFull({ mode, liveSlots, limit }) {
  return mode !== "open" && liveSlots >= limit;
}

export function showTiles(status) {
  const { queue } = status;
  for (const [name, [figure, more]] of Object.entries(tilesOf(status))) {
    const [value, below] = by(`tile-${name}`).querySelectorAll("dd");
    setText(value, figure);
    setText(below, more);
  }
  by("tile-slots").classList.toggle("full", isFull(queue));
  showNotice(queue.notice);
  showLanes(queue.lanes);
}

function showNotice(notice) {
  const shown = by("notice-shown");
  shown.classList.toggle("empty", notice === "");
  setText(shown, notice === "" ? "No notice: they see their place and how long it takes." : notice);
}

function showLanes(lanes) {
  const entries = Object.entries(lanes);
  setHidden(by("lanes"), entries.length < 2);
  const rows = entries.map(([name, { weight, waiting, away }]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, foreign(name)),
      ...[sayRate(weight), sayCount(waiting), sayCount(away)].map((text) => el("td", {}, text)),
    ),
  );
  by("lane-rows").replaceChildren(...rows);
}
