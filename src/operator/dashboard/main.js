// The dashboard of the operator: composes its parts, and goes between the sign-in and the page.
import { AccessView } from "./access-view.js";
import { showWarnings } from "./alerts.js";
import { Api } from "./api.js";
import { AuditView } from "./audit-view.js";
import { Changes } from "./changes.js";
import { Charts } from "./charts.js";
import { dropQuestion } from "./confirm.js";
import { by, setForeign, setHidden } from "./dom.js";
import { saySignedOut } from "./error-words.js";
import { ForecastPanel } from "./forecast-panel.js";
import { Levers } from "./levers.js";
import { Live } from "./live.js";
import { MoreSettings } from "./more-settings.js";
import { Pages } from "./pages.js";
import { SessionsView } from "./sessions-view.js";
import { SignIn } from "./sign-in.js";
import { TicketsView } from "./tickets-view.js";
import { showTiles } from "./tiles.js";
import { keepToken, readToken } from "./token.js";

const api = new Api();
const live = new Live(api);
const pages = new Pages();
const changes = new Changes(api, live);
const levers = new Levers(api, live, changes);
const moreSettings = new MoreSettings(api, live, changes);
const forecast = new ForecastPanel(api);
const charts = new Charts();
const sessions = new SessionsView(api, live, changes);
const tickets = new TicketsView(api, live, (userId) => {
  pages.go("sessions");
  void sessions.showUser(userId);
});
const access = new AccessView(api, live, changes);
const audit = new AuditView(api, live);
const signIn = new SignIn(async (token) => {
  const probe = new Api();
  probe.token = token;
  await probe.get("status");
  enter(token);
});
let isIn = false;

live.onStatus((status) => {
  const { queue, operator } = status;
  const isFirst = !isIn;
  isIn = true;
  setForeign(by("operator-name"), operator.name, 40);
  showWarnings(status, live.aheadMs);
  setHidden(by("no-queue"), queue !== null);
  setHidden(by("queue-parts"), queue === null);
  access.show(status);
  if (queue !== null) showQueue(status);
  if (isFirst) pages.onShow[pages.current]?.();
});

function showQueue(status) {
  const mayWrite = live.can("queue:write");
  levers.show(status, mayWrite);
  moreSettings.show(status, mayWrite);
  showTiles(status);
  if (pages.current !== "now") return;
  charts.show(status.queue, live.history);
  void forecast.show(status);
}

pages.onShow = {
  now: () => live.status?.queue && showQueue(live.status),
  tickets: () => tickets.open(),
  sessions: () => sessions.open(),
  access: () => access.open(),
  audit: () => audit.open(),
};

function enter(token) {
  api.token = token;
  keepToken(token);
  signIn.hide();
  pages.start();
  live.start();
}

/** Forgets the token and all that was shown by it. Who was put out finds what they were typing when they are back. */
function leave(why, { keepsDrafts }) {
  api.token = null;
  keepToken(null);
  isIn = false;
  live.stop();
  const unanswered = dropQuestion();
  const parts = [levers, moreSettings, changes, forecast, tickets, sessions, access, audit];
  for (const part of parts) part.clear({ keepsDrafts });
  signIn.show(unanswered === null || why === "" ? why : `${why} What was asked was not done: “${unanswered}”`);
}

api.onSignedOut = (error) => leave(saySignedOut(error), { keepsDrafts: true });
by("sign-out").addEventListener("click", () => leave("", { keepsDrafts: false }));

by("loading").hidden = true;
const token = readToken();
if (token === null) signIn.show();
else enter(token);
