// `npm run cluster -- 3`: a Redis, if there is none, and so many processes of the example on it. Ends all of them with itself.
import { orStop } from "../src/config.ts";
import { describeDashboard } from "../src/dashboard.ts";
import { makeClusterLogin } from "./login-config.ts";
import { Member } from "./member.ts";
import { readOptions } from "./options.ts";
import { type ClusterRedis, openRedis } from "./redis.ts";

const { count, firstPort, redisUrl } = orStop(() => readOptions(process.argv.slice(2)));
const login = orStop(makeClusterLogin);
const members: Member[] = [];
let redis: ClusterRedis | null = null;
/** npm passes Ctrl+C on to a process that had it from the terminal already: so close to the first, a second is none. */
const echoMs = 1_000;
let signals = 0;
let lastSignalAt = Number.NEGATIVE_INFINITY;

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    if (performance.now() - lastSignalAt < echoMs) return;
    lastSignalAt = performance.now();
    console.log(signals === 0 ? "Ending…" : "Ending at once.");
    stop();
  });
process.once("exit", () => {
  for (const member of members) member.kill();
});

try {
  redis = await openRedis(redisUrl);
  console.log(redis.words);
  for (let number = 0; number < count && signals === 0; number++) {
    const port = firstPort === 0 ? 0 : firstPort + number;
    const member = await Member.start({ name: nameOf(number), port, redisUrl: redis.url, loginConfig: login.config });
    members.push(member);
    if (signals > 0) member.stop();
    await member.listening;
  }
  if (signals === 0) console.log(describe());
} catch (error) {
  // A process that ends because all of them are told to is no failure.
  if (signals === 0) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    stop();
  }
}
await Promise.all(members.map((member) => member.ended));
await redis?.close();
process.exit();

/** The first time members may hand their players over; the second time they are ended. */
function stop(): void {
  signals += 1;
  for (const member of members) signals === 1 ? member.stop() : member.kill();
}

function describe(): string {
  const lines = members.map(({ name, url, pid }) => `  ${name}  ${url}  (process ${pid})`);
  const bots = members.map(({ url }) => ` --url ${url}`).join("");
  return [
    "",
    "The cluster is up: one queue, one arena, whichever address you open.",
    ...lines,
    describeDashboard(members[0]?.url ?? "", login.keyFile),
    "Bots over all of them, in another terminal:",
    `  npm run bots -- 200${bots}`,
    "A process that is told to end hands its players over: kill <its number>. Ctrl+C ends all.",
    "",
  ].join("\n");
}

function nameOf(number: number): string {
  return String.fromCharCode("A".charCodeAt(0) + number);
}
