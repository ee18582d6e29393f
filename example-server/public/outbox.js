// The development outbox: the mails that the server would have sent. In production there is none.

const lookEveryMs = 300;
const looks = 6;

export class Outbox {
  #view;
  #newest = 0;

  constructor(view) {
    this.#view = view;
    view.details.addEventListener("toggle", () => view.details.open && void this.look());
  }

  /** A mail is on its way: looks for it for a while, and opens with it. */
  async expect() {
    const before = this.#newest;
    // To the end: the first that comes may be somebody else's.
    for (let tries = 0; tries < looks; tries++) {
      if (!(await this.look())) return;
      if (this.#newest > before) this.#view.details.open = true;
      await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
    }
  }

  /** Asks the server once; answers whether there is an outbox. */
  async look() {
    try {
      const { isOpen, mails } = await (await fetch("/demo/outbox")).json();
      this.#newest = mails[0]?.id ?? 0;
      this.#view.details.hidden = !isOpen || mails.length === 0;
      this.#view.count.textContent = `(${mails.length})`;
      this.#view.mails.replaceChildren(...mails.map(toEntry));
      return isOpen;
    } catch {
      return false;
    }
  }
}

function toEntry({ to, subject, text, link, sentAt }) {
  const entry = document.createElement("li");
  const head = document.createElement("p");
  const title = document.createElement("strong");
  title.textContent = subject;
  const about = document.createElement("span");
  about.className = "small soft";
  about.textContent = `to ${to}, ${new Date(sentAt).toLocaleTimeString()}`;
  head.append(title, " ", about);
  const body = document.createElement("p");
  body.append(`${text} `);
  if (link !== null) {
    const anchor = document.createElement("a");
    anchor.href = link.href;
    anchor.textContent = link.words;
    body.append(anchor);
  }
  entry.append(head, body);
  return entry;
}
