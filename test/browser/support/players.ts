// The people of one test file, all in one Chromium.
import type { Browser, BrowserContextOptions } from "playwright-core";
import { beforeAll } from "vitest";
import { launchChromium } from "../../support/chromium.ts";
import { Operator } from "./operator.ts";
import { Player } from "./player.ts";

export interface Players {
  /** One more, with the page open in a browser profile of their own. */
  arrive(url: string, options?: BrowserContextOptions): Promise<Player>;
  /** An operator, with the dashboard of this server open. */
  operate(url: string, options?: BrowserContextOptions): Promise<Operator>;
  /** They go: best before their server does. */
  leave(): Promise<void>;
}

/** Starts Chromium before the tests of the file, and ends it after them. */
export function usePlayers(): Players {
  let browser: Browser;
  const players: Player[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    return () => browser.close();
  });

  return {
    async arrive(url, options) {
      const player = await Player.open(browser, url, options);
      players.push(player);
      return player;
    },
    async operate(url, options) {
      const operator = await Operator.openDashboard(browser, url, options);
      players.push(operator);
      return operator;
    },
    async leave() {
      await Promise.all(players.splice(0).map((player) => player.close()));
    },
  };
}
