// Which part of the page is to be seen, and the words above all of them.

export class Screen {
  #views;
  #problem;
  #goodNews;
  /** Called when another view takes its place. */
  #onLeave;

  /** Where somebody without a session is: at the welcome, or at the forms for e-mail. */
  door = "welcome";

  constructor({ views, problem, goodNews }, onLeave) {
    this.#views = views;
    this.#problem = problem;
    this.#goodNews = goodNews;
    this.#onLeave = onLeave;
  }

  shows(name) {
    return !this.#views[name].hidden;
  }

  show(name) {
    if (this.shows(name)) return;
    this.#onLeave(name);
    const isFirst = Object.values(this.#views).every((view) => view.hidden);
    for (const [key, view] of Object.entries(this.#views)) view.hidden = key !== name;
    // The page's first view leaves the focus where the browser put it; later ones take it along.
    if (!isFirst) this.#views[name].querySelector("h2").focus();
  }

  say(problem) {
    this.#goodNews.textContent = "";
    write(this.#problem, problem);
  }

  tell(goodNews) {
    this.#problem.textContent = "";
    write(this.#goodNews, goodNews);
  }
}

/** Whoever pressed something far below sees it too. */
function write(line, words) {
  line.textContent = words;
  if (words !== "") line.scrollIntoView({ block: "nearest" });
}
