// The login of this game: sessions and a queue. A few players at a time, so that a person alone can see the queue work.
import { defineLogin } from "colyseus-login";
import { orStop, withLoginConfig } from "./config.ts";

/** What a player may say of themselves when they log in or refresh. */
export type PlayerVars = {
  name?: string;
  colour?: string;
};

export const login = orStop(() =>
  defineLogin<{ vars: PlayerVars }>(
    withLoginConfig({ queue: { targetLoginRatePerSecond: 10, targetCcuLimit: 100, estimatedSecondsToLogin: 1 } }),
  ),
);
