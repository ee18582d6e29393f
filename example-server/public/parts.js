// The parts of the page, each with the elements that it shows itself in.
import { Arena } from "./arena.js";
import { BagPanel } from "./bag-panel.js";
import { Caller } from "./caller.js";
import { Outbox } from "./outbox.js";
import { QueueView } from "./queue-view.js";
import { Screen } from "./screen.js";
import { SessionPanel } from "./session-panel.js";

export const by = (id) => document.getElementById(id);

export const caller = new Caller();
export const queue = new QueueView(
  {
    status: by("queue-status"),
    place: by("place"),
    length: by("queue-length"),
    progress: by("progress"),
    eta: by("eta"),
    mode: by("mode"),
    notice: by("notice"),
    link: by("link"),
    news: by("queue-news"),
  },
  caller,
);
export const screen = new Screen(
  {
    views: { welcome: by("welcome"), email: by("email"), queue: by("queue"), play: by("play") },
    problem: by("problem"),
    goodNews: by("good-news"),
  },
  (next) => next === "queue" || queue.stop(),
);
export const arena = new Arena({ players: by("players"), crowd: by("crowd"), pad: by("pad") });
export const panel = new SessionPanel({ user: by("user"), vars: by("vars"), expires: by("expires") });
export const bag = new BagPanel({ section: by("data"), inventory: by("inventory"), reward: by("reward") });
export const outbox = new Outbox({ details: by("outbox"), count: by("outbox-count"), mails: by("mails") });
