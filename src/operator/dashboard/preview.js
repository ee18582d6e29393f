// What a change of the queue would do, in sentences, asked of the server before anything is changed.
import { sayCount } from "./durations.js";
import { sayError } from "./error-words.js";
import { sayWhatIf } from "./forecast-words.js";
import { sayModeChange } from "./mode-words.js";

const forecastable = ["targetLoginRatePerSecond", "targetCcuLimit", "mode"];

/** What the forecast of a change is asked with, or null where it has none. */
export function forecastQuery(patch) {
  const entries = Object.entries(patch).filter(([name, value]) => forecastable.includes(name) && value !== null);
  return entries.length === 0 ? null : Object.fromEntries(entries);
}

/** What the figures alone say of a change, before any forecast. `queue`: of the status. */
export function sayConsequences(patch, queue) {
  const sentences = [];
  const { mode, targetCcuLimit: limit, targetLoginRatePerSecond: rate, notice } = patch;
  if (mode !== undefined && mode !== null) sentences.push(sayModeChange(queue.mode, mode, queue.waiting));
  if (limit === 0) sentences.push("With a limit of 0 nobody is admitted. Who plays goes on playing.");
  else if (limit > 0 && limit <= queue.liveSlots) {
    sentences.push(
      `${sayCount(queue.liveSlots)} slots are in use: nobody is thrown out, and nobody is admitted until fewer than ${sayCount(limit)} are.`,
    );
  }
  if (limit > 0 && limit > queue.liveSlots) {
    sentences.push(`${sayCount(limit - queue.liveSlots)} slots would be free.`);
  }
  if (rate > 10 * queue.targetLoginRatePerSecond) sentences.push("That is more than ten times the rate of now.");
  if (notice !== undefined) sentences.push(sayNotice(notice, queue.waiting));
  return sentences;
}

function sayNotice(notice, waiting) {
  const who = waiting === 1 ? "The one who waits" : `All ${sayCount(waiting)} who wait`;
  if (notice === "" || notice === null) return `${who} will see no notice any more.`;
  return `${who}, and everybody who comes, will read it within seconds.`;
}

/** All of it: the consequences, and the forecast beside the one of now. */
export async function previewOf(api, patch, queue) {
  const sentences = sayConsequences(patch, queue);
  const query = forecastQuery(patch);
  if (query === null) return sentences;
  try {
    const [now, then] = await Promise.all([api.get("forecast"), api.get("forecast", query)]);
    return [...sentences, sayWhatIf(now, then)];
  } catch (error) {
    return [...sentences, `No forecast: ${sayError(error)}`];
  }
}
