// The one suite that every account store passes.
import { describe } from "vitest";
import { credentialTests, removalTests } from "./account-credentials.contract.ts";
import { linkingTests, unlinkingTests } from "./account-identities.contract.ts";
import { accountTests, usernameTests } from "./account-names.contract.ts";
import type { MakeAccounts } from "./accounts-harness.ts";

/** Registers the whole contract for the account store that `make` makes. */
export function accountStoreContract(name: string, make: MakeAccounts): void {
  describe(`the account store contract: ${name}`, () => {
    describe("an account", () => accountTests(make));
    describe("S54 linking", () => linkingTests(make));
    describe("unlinking", () => unlinkingTests(make));
    describe("a credential", () => credentialTests(make));
    describe("a username", () => usernameTests(make));
    describe("taking an account away", () => removalTests(make));
  });
}
