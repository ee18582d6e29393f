// The ticket and the pass as tokens: what they prove, for how long, and that nothing else proves it.
import { describe, expect, it } from "vitest";
import type { LoginErrorCode } from "../../src/errors.ts";
import { LoginError } from "../../src/errors.ts";
import { TicketTokens } from "../../src/login-queue/ticket.ts";
import { JwtSigner, tokenKinds } from "../../src/tokens/jwt.ts";
import { createKeyRing } from "../../src/tokens/keys.ts";
import { ManualClock } from "../support/manual-clock.ts";
import { issuer, keys } from "./setup.ts";

const claim = { id: "ticket-1", lane: "default", order: 1_900_000_000_000_001, position: 7 };

function tokens(clock = new ManualClock(), ring = keys): { tickets: TicketTokens; jwt: JwtSigner; clock: ManualClock } {
  const jwt = new JwtSigner({ keys: ring, issuer, clock });
  return { tickets: new TicketTokens({ jwt, clock, queueGraceSeconds: () => 90 }), jwt, clock };
}

async function codeOf(call: Promise<unknown>): Promise<LoginErrorCode | null> {
  try {
    await call;
    return null;
  } catch (error) {
    if (error instanceof LoginError) return error.code;
    throw error;
  }
}

/** The token with one character of its payload changed. */
function altered(token: string): string {
  const at = token.indexOf(".") + 10;
  return token.slice(0, at) + (token[at] === "A" ? "B" : "A") + token.slice(at + 1);
}

describe("the ticket", () => {
  it("carries its place, and ends a re-signing and a grace later", async () => {
    const { tickets, clock } = tokens();
    const token = await tickets.signTicket(claim);
    expect(await tickets.readTicket(token)).toEqual({ claim, expiresAt: clock.now() + 150_000 });
    await clock.advance(149_999);
    expect(await codeOf(tickets.readTicket(token))).toBeNull();
    await clock.advance(1);
    expect(await codeOf(tickets.readTicket(token))).toBe("TOKEN_EXPIRED");
  });

  it("of a poller lasts until its next poll longer", async () => {
    const { tickets, clock } = tokens();
    const token = await tickets.signTicket(claim, 300);
    expect((await tickets.readTicket(token)).expiresAt).toBe(clock.now() + 450_000);
  });

  it("S41 is refused when forged, altered, or of another key", async () => {
    const { tickets, clock } = tokens();
    const token = await tickets.signTicket(claim);
    const other = tokens(clock, createKeyRing({ algorithm: "EdDSA" }));
    for (const bad of ["", "x", "a.b.c", altered(token), token.slice(0, -4), await other.tickets.signTicket(claim)]) {
      expect(await codeOf(tickets.readTicket(bad))).toBe("TOKEN_INVALID");
    }
  });

  it("S41 is no pass and no session token, and they are no tickets", async () => {
    const { tickets, jwt, clock } = tokens();
    const now = clock.now();
    const ticket = await tickets.signTicket(claim);
    const pass = await tickets.signPass("ticket-1", now, now + 30_000);
    const player = await jwt.sign(tokenKinds.player, "game", {
      id: "j",
      subject: "ann",
      issuedAt: now,
      expiresAt: now + 30_000,
      claims: { lane: "default", order: 1, position: 1 },
    });
    expect(await codeOf(tickets.readPass(ticket))).toBe("PASS_INVALID");
    expect(await codeOf(tickets.readPass(player))).toBe("PASS_INVALID");
    expect(await codeOf(tickets.readTicket(pass))).toBe("TOKEN_INVALID");
    expect(await codeOf(tickets.readTicket(player))).toBe("TOKEN_INVALID");
  });

  it.each([
    ["no lane", { order: 1, position: 1 }],
    ["a lane that is no string", { lane: 1, order: 1, position: 1 }],
    ["an order that is no whole number", { lane: "default", order: 1.5, position: 1 }],
    ["a negative position", { lane: "default", order: 1, position: -1 }],
  ])("S41 is refused with %s, though signed with our key", async (_name, claims) => {
    const { tickets, jwt, clock } = tokens();
    const now = clock.now();
    const content = { id: "ticket-1", issuedAt: now, expiresAt: now + 30_000, claims };
    expect(await codeOf(tickets.readTicket(await jwt.sign(tokenKinds.ticket, "ticket", content)))).toBe(
      "TOKEN_INVALID",
    );
  });
});

describe("the pass", () => {
  it("names its ticket until it ends", async () => {
    const { tickets, clock } = tokens();
    const now = clock.now();
    const pass = await tickets.signPass("ticket-1", now, now + 30_000);
    expect(await tickets.readPass(pass)).toBe("ticket-1");
    await clock.advance(29_999);
    expect(await tickets.readPass(pass)).toBe("ticket-1");
    await clock.advance(1);
    expect(await codeOf(tickets.readPass(pass))).toBe("PASS_INVALID");
  });

  it("S39 of another server's key is refused", async () => {
    const { tickets, clock } = tokens();
    const other = tokens(clock, createKeyRing({ algorithm: "EdDSA" }));
    const pass = await other.tickets.signPass("ticket-1", clock.now(), clock.now() + 30_000);
    expect(await codeOf(tickets.readPass(pass))).toBe("PASS_INVALID");
    expect(await codeOf(tickets.readPass("garbage"))).toBe("PASS_INVALID");
  });
});
