// What the client is brought with its login: the player's bag, and a reward for each new day. A real game asks its database.
import type { LoginDataJobs } from "colyseus-login";

export interface Item {
  name: string;
  count: number;
}

/** The type of `session.loginData` in the client. */
export interface GameData {
  inventory: Item[];
  dailyReward: { item: string };
}

/** A player's things, and what they were given on which day (UTC). */
interface Bag {
  readonly items: Map<string, number>;
  reward: { readonly day: string; readonly item: string } | null;
}

const rewards = ["Blue pebble", "Paper crane", "Brass button", "Feather", "Shiny shell"];

/** In this process alone, and until it ends. Guests come and go: the oldest bag makes room. */
const bags = new Map<string, Bag>();
const mostBags = 10_000;

export const loginData: LoginDataJobs<object, GameData> = {
  inventory: ({ session }) => Array.from(bagOf(session.userId).items, ([name, count]) => ({ name, count })),
  dailyReward: {
    after: ["inventory"],
    // A login may be tried again, so that it gives once a day and answers the same all day long.
    run: ({ session, results }) => {
      const bag = bagOf(session.userId);
      const day = new Date().toISOString().slice(0, "yyyy-mm-dd".length);
      if (bag.reward?.day !== day) {
        const item = rarest(results.inventory);
        bag.items.set(item, (bag.items.get(item) ?? 0) + 1);
        bag.reward = { day, item };
      }
      return { item: bag.reward.item };
    },
  },
};

/** The reward that the player has fewest of. */
function rarest(inventory: readonly Item[]): string {
  const countOf = (reward: string) => inventory.find(({ name }) => name === reward)?.count ?? 0;
  return rewards.reduce((least, reward) => (countOf(reward) < countOf(least) ? reward : least));
}

function bagOf(userId: string): Bag {
  const known = bags.get(userId);
  if (known !== undefined) return known;
  const bag: Bag = {
    items: new Map([
      ["Lantern", 1],
      ["Sugar cube", 3],
    ]),
    reward: null,
  };
  bags.set(userId, bag);
  const [oldest] = bags.keys();
  if (bags.size > mostBags && oldest !== undefined) bags.delete(oldest);
  return bag;
}
