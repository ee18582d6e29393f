// `npm run bots -- 200`: sends bots through queue, login and arena, and says what became of them.
import { setTimeout as sleep } from "node:timers/promises";
import { SingleBar } from "cli-progress";
import { runBot } from "./bot.ts";
import { type BotOptions, readOptions } from "./options.ts";
import { Tally } from "./tally.ts";

const options = readOptionsOrStop();
const tally = new Tally();
const stop = new AbortController();
process.once("SIGINT", () => stop.abort());
process.once("SIGTERM", () => stop.abort());
// The SDK reports each closed connection of each bot; the table has them summed up.
console.warn = console.info = () => {};

const bar = new SingleBar({
  format: "{bar} {value}/{total} done | {queued} in the queue | {playing} playing | {errors} errors",
  barCompleteChar: "█",
  barIncompleteChar: "░",
  barsize: 24,
  noTTYOutput: true,
  gracefulExit: false,
});
let done = 0;
const state = () => ({
  queued: tally.joined - tally.admitted,
  playing: tally.playing,
  errors: tally.errors,
});
bar.start(options.count, 0, state());
const drawing = setInterval(() => bar.update(done, state()), 250);

const bots: Promise<void>[] = [];
for (let number = 1; number <= options.count && !stop.signal.aborted; number++) {
  bots.push(
    runBot({ number, url: urlOf(number), staySeconds: options.staySeconds, tally, signal: stop.signal }).then(() => {
      done += 1;
    }),
  );
  await sleep(1_000 / options.rampPerSecond, undefined, { signal: stop.signal }).catch(() => {});
}
await Promise.all(bots);

clearInterval(drawing);
bar.update(done, state());
bar.stop();
console.log(`\n${tally}`);
process.exit(tally.played > 0 ? 0 : 1);

function urlOf(number: number): string {
  return options.urls[number % options.urls.length] ?? "";
}

function readOptionsOrStop(): BotOptions {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
