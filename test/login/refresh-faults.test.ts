// S21 of a whole login: whatever a refresh asks of the store and the accounts may fail, before its effect or after it.
import { describe, expect, it } from "vitest";
import { LoginError } from "../../src/errors.ts";
import { FragileStore } from "./fragile-store.ts";
import { loginServer } from "./server.ts";

const server = loginServer();
const outage = new LoginError("STORE_UNAVAILABLE", "The store is out of reach.");
const attempt = "attempt-0123456789";

/** What a refresh asks, in order. */
const steps = ["sessions.get", "accounts.get", "sessions.refresh"];

function open() {
  const store = new FragileStore();
  return { store, house: server.open({ store: store.open, accounts: store.openAccounts }) };
}

describe("S21 a store that fails between any two steps of a refresh", () => {
  it("has these steps, and no other", async () => {
    const { store, house } = open();
    const ann = await house.loggedIn("Ann");
    store.calls.length = 0;
    await ann.refresh();
    expect(store.calls).toEqual(steps);
  });

  const faults = steps.flatMap((step) => (["before", "after"] as const).map((when) => [step, when] as const));
  it.each(faults)("at %s, %s its effect: the owner refreshes with the same token", async (step, when) => {
    const { store, house } = open();
    const ann = await house.loggedIn("Ann");
    for (const extras of [{ attempt }, {}]) {
      // Twice: each pair is the owner's, whichever step its making failed at.
      for (let times = 0; times < 2; times += 1) {
        (when === "before" ? store.broken : store.brokenAfter).set(step, outage);
        expect(await ann.tryRefresh(extras)).toMatchObject({ status: 503, body: { code: "STORE_UNAVAILABLE" } });
        expect(await ann.tryRefresh(extras)).toMatchObject({ status: 503 });
        store.broken.clear();
        store.brokenAfter.clear();
        // Far beyond any grace: what is repeated is the answer that was lost.
        await house.clock.advance(60_000);
        await ann.refresh(extras);
        await house.clock.advance(60_000);
        expect((await ann.get("/auth/session")).status).toBe(200);
      }
    }
    await ann.play();
    expect((await house.login.sessions.get(ann.sid))?.ended).toBeNull();
  });
});
