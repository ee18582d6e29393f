// A Colyseus server with a login: a queue, a guarded room, the login's HTTP calls, and a page to play on.
import { defineRoom, defineServer } from "colyseus";
import { isMember, memberOfServers } from "./cluster.ts";
import { listen } from "./config.ts";
import { describeDashboard } from "./dashboard.ts";
import { GameRoom } from "./game-room.ts";
import { login } from "./login.ts";
import { outbox } from "./outbox.ts";
import { page } from "./page.ts";
import { storage } from "./storage.ts";

const server = defineServer({
  greet: false,
  ...memberOfServers(),
  rooms: { login_queue: defineRoom(login.QueueRoom), game: defineRoom(GameRoom) },
  express: (app) => {
    app.use(page());
    app.use(login.routes());
    app.use(outbox());
    app.post("/demo/disconnect-me", login.middleware(), async (request, response) => {
      const { sid = "" } = request.session ?? {};
      const reason = "You asked the server to disconnect you.";
      response.json({ disconnected: await login.sessions.disconnect(sid, { reason }) });
    });
  },
});

server.onShutdown(() => login.shutdown());
const url = await listen(server);
// Of a cluster, whoever started it tells.
if (!isMember) console.log(describeDashboard(url, storage.keyFile));
