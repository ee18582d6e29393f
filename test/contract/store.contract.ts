// The one suite that every store passes.
import { describe } from "vitest";
import { accessContract } from "./access.contract.ts";
import { admissionContract } from "./admission.contract.ts";
import { auditContract } from "./audit.contract.ts";
import { countersContract } from "./counters.contract.ts";
import { crowdContract } from "./crowd.contract.ts";
import { endingContract } from "./ending.contract.ts";
import type { MakeStore } from "./harness.ts";
import { holdersContract } from "./holders.contract.ts";
import { liveSettingsContract } from "./live-settings.contract.ts";
import { operatorContract } from "./operator.contract.ts";
import { passesContract } from "./passes.contract.ts";
import { placesContract } from "./places.contract.ts";
import { refreshContract } from "./refresh.contract.ts";
import { returningContract } from "./returning.contract.ts";
import { revocationContract } from "./revocation.contract.ts";
import { sessionsContract } from "./sessions.contract.ts";
import { slotsContract } from "./slots.contract.ts";
import { ticketListContract } from "./ticket-list.contract.ts";

/** Registers the whole contract for the store that `make` makes. */
export function storeContract(name: string, make: MakeStore): void {
  describe(`the store contract: ${name}`, () => {
    describe("sessions", () => sessionsContract(make));
    describe("refreshing", () => refreshContract(make));
    describe("endings", () => endingContract(make));
    describe("access rules", () => accessContract(make));
    describe("revoked tokens", () => revocationContract(make));
    describe("the audit list", () => auditContract(make));
    describe("places", () => placesContract(make));
    describe("crowds", () => crowdContract(make));
    describe("holders", () => holdersContract(make));
    describe("admission", () => admissionContract(make));
    describe("passes", () => passesContract(make));
    describe("returning players", () => returningContract(make));
    describe("slots", () => slotsContract(make));
    describe("counters", () => countersContract(make));
    describe("live settings", () => liveSettingsContract(make));
    describe("an operator's hand", () => operatorContract(make));
    describe("tickets as an operator sees them", () => ticketListContract(make));
  });
}
