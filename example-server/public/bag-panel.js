// What the server's jobs brought with the login: the player's things, and today's reward.

export class BagPanel {
  #view;

  constructor(view) {
    this.#view = view;
  }

  /** A game without these jobs has no bag. */
  show({ inventory, dailyReward }) {
    this.#view.section.hidden = inventory === undefined;
    const items = (inventory ?? []).map(({ name, count }) => {
      const item = document.createElement("li");
      item.textContent = count === 1 ? name : `${name} × ${count}`;
      return item;
    });
    this.#view.inventory.replaceChildren(...items);
    this.#view.reward.textContent = dailyReward?.item ?? "none";
  }
}
