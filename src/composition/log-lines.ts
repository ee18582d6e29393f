// The log lines that tell what happens: of players for debugging alone, of operators and the whole as information.
import type { Emitter } from "../emitter.ts";
import type { Logger } from "../logger.ts";
import { type LiveQueueSettings, settingChanges } from "../login-queue/queue-settings.ts";
import type { LoginSignals } from "../login-signals.ts";
import type { ResolvedOptions } from "../options/options.ts";
import type { SessionRecord } from "../sessions/session.ts";

/** Failures have their lines where they are met; the actions of operators, where they are kept. */
export function logSignals(signals: Pick<Emitter<LoginSignals>, "on">, logger: Logger): void {
  const debug = (words: string): void => logger.debug(`colyseus-login: ${words}`);
  const info = (words: string): void => logger.info(`colyseus-login: ${words}`);
  const warn = (words: string): void => logger.warn(`colyseus-login: ${words}`);

  signals.on("loggedIn", ({ record, provider, created, repeated }) => {
    const how = `${created ? ", with a new account" : ""}${repeated ? ", answered once more" : ""}`;
    debug(`${nameOf(record)} logged in by ${provider}${how}`);
  });
  signals.on("loginRefused", ({ provider, code }) => debug(`a login by ${provider} was refused: ${code}`));
  signals.on("refreshRefused", ({ code }) => debug(`a refresh was refused: ${code}`));
  signals.on("refused", ({ door, code }) => {
    // Calls over HTTP are answered with the reason, and logins and refreshes have their lines.
    if (door !== "http") debug(`refused by the ${door}: ${code}`);
  });
  signals.on("sessionEnded", ({ record, reason }) => debug(`${nameOf(record)} ended: ${reason}`));
  signals.on("admitted", ({ tickets }) => {
    for (const { id, lane } of tickets) debug(`ticket ${short(id)} of lane ${lane} was admitted`);
  });
  signals.on("banned", ({ userId, until }) => {
    debug(`user ${short(userId)} was banned ${until === null ? "for good" : `until ${new Date(until).toISOString()}`}`);
  });
  signals.on("unbanned", ({ userId }) => debug(`the ban of user ${short(userId)} was lifted`));

  signals.on("queueConfigured", ({ settings, previous }) => info(`the queue goes by ${changesOf(previous, settings)}`));
  signals.on("settingsFound", ({ settings, options }) =>
    info(`the queue goes by settings that were changed before this start: ${changesOf(options, settings)}`),
  );
  signals.on("accessChanged", () => info("the access rules were set"));

  signals.on("reuseDetected", ({ record }) =>
    warn(`${nameOf(record)} was ended: a refresh token of it was shown again, as a thief or its victim would`),
  );
}

/** One line for a login that starts. */
export function startLine({ store, queue }: ResolvedOptions): string {
  const kept =
    store === undefined ? "in memory" : store.shared ? "in a store that processes share" : "in its own store";
  if (queue === undefined) return `colyseus-login: started, with sessions ${kept} and no queue`;
  const { mode, targetLoginRatePerSecond, targetCcuLimit } = queue;
  const limits = `${targetLoginRatePerSecond} logins a second, up to ${targetCcuLimit} at once`;
  return `colyseus-login: started, with sessions ${kept} and a queue: mode ${mode}, ${limits}`;
}

function nameOf({ sid, userId }: SessionRecord): string {
  return `session ${short(sid)} of user ${short(userId)}`;
}

/** Without spaces and line breaks: what an account store calls its users is its own business, and lines are one word an id. */
function short(id: string): string {
  return `${id.slice(0, 8).replaceAll(/\s/g, "_")}…`;
}

/** What changed, by name. The words of a notice are for players. */
function changesOf(previous: LiveQueueSettings, settings: LiveQueueSettings): string {
  const words = settingChanges(previous, settings).map(({ name, before, after }) => {
    if (name === "notice") return after === "" ? "no notice" : "a new notice";
    return `${name} ${JSON.stringify(after)} (was ${JSON.stringify(before)})`;
  });
  return words.join(", ");
}
