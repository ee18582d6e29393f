// The login of this game: sessions and a queue. A few players at a time, so that a person alone can see the queue work.
import { anonymousProvider, defineLogin, deviceProvider, emailProvider } from "colyseus-login";
import { orStop, withLoginConfig } from "./config.ts";
import { type GameData, loginData } from "./login-data.ts";
import { sendEmail } from "./outbox.ts";
import { storage } from "./storage.ts";

/** What a player may say of themselves when they log in or refresh. */
export type PlayerVars = {
  name?: string;
  colour?: string;
};

export const login = orStop(() =>
  defineLogin<{ vars: PlayerVars; loginData: GameData }>(
    withLoginConfig({
      ...storage.options,
      providers: {
        anonymous: anonymousProvider(),
        device: deviceProvider(),
        email: emailProvider({ sendEmail }),
      },
      // At home, on the phone, at a friend's: the page lists them.
      concurrentSessions: 5,
      loginData,
      queue: { ...storage.queue, targetLoginRatePerSecond: 10, targetCcuLimit: 100, estimatedSecondsToLogin: 1 },
    }),
  ),
);
