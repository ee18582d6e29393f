// A player's journey with the stock SDK alone. The tarball test copies it beside the installed package and runs it there: node journey.ts PORT
import { Client, MatchMakeError } from "@colyseus/sdk";

const client = new Client(`http://localhost:${process.argv[2]}`);

const refusedAtFirst = await joinError();

const queue = await client.joinOrCreate("login_queue");
const queuePass = await new Promise<string>((resolve, reject) => {
  queue.onStateChange((state) => {
    if (state.status === "admitted" && state.pass !== "") resolve(state.pass);
  });
  queue.onError((code, message) => reject(new Error(`the queue failed: ${code} ${message}`)));
  queue.onLeave((code) => reject(new Error(`left the queue: ${code}`)));
});

await queue.leave();

const { data: login } = await client.http.post("/auth/authenticate/anonymous", { body: { queuePass } });
client.auth.token = login.token;

const game = await client.joinOrCreate("game");
await game.leave();

const { data: refreshed } = await client.http.post("/auth/refresh", { body: { refreshToken: login.refreshToken } });
client.auth.token = refreshed.token;
const gameAgain = await client.joinOrCreate("game");
await gameAgain.leave();

await client.http.post("/auth/logout", { body: { refreshToken: refreshed.refreshToken } });
const refusedAtLast = await joinError();

console.log(JSON.stringify({ refusedAtFirst, userId: login.user.id, sid: refreshed.session.sid, refusedAtLast }));

/** What the matchmaker says to a client that may not play. */
async function joinError(): Promise<{ code: number; message: string } | null> {
  try {
    await client.joinOrCreate("game");
    return null;
  } catch (error) {
    if (!(error instanceof MatchMakeError)) throw error;
    return { code: error.code, message: error.message };
  }
}
