// Preloaded into the example's server: each line on its stdin is a call of `login.queue`, as the game's operator would make it.
import { createInterface } from "node:readline";
import { login } from "../../../example-server/src/login.ts";

let calls = 0;
createInterface({ input: process.stdin }).on("line", async (line) => {
  const { notice, configure } = JSON.parse(line);
  if (notice !== undefined) await login.queue.notice(notice);
  if (configure !== undefined) await login.queue.configure(configure);
  calls += 1;
  console.log(`operated ${calls}`);
});
