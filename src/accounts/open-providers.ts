// The providers of the options, as one login has them: opened, and held to the limits.
import { EmailAccounts } from "./email-accounts.ts";
import type { LoginLimits } from "./limits.ts";
import type { IdentityProvider, IdentityProviderFactory, ProviderContext } from "./providers.ts";

export interface OpenProviders {
  readonly byName: ReadonlyMap<string, IdentityProvider>;
  /** null where there is none. */
  readonly email: EmailAccounts | null;
}

/** Throws a TypeError for a second e-mail provider: the calls of the stock SDK name none. */
export function openProviders(
  providers: Readonly<Record<string, IdentityProvider | IdentityProviderFactory>>,
  context: Omit<ProviderContext, "name">,
): OpenProviders {
  const byName = new Map<string, IdentityProvider>();
  for (const [name, provider] of Object.entries(providers)) {
    byName.set(
      name,
      "open" in provider ? provider.open({ ...context, name }) : limited(name, provider, context.limits),
    );
  }
  const [email = null, second] = [...byName.values()].filter((provider) => provider instanceof EmailAccounts);
  if (second !== undefined)
    throw new TypeError(`defineLogin: providers.${second.name}: there is an emailProvider already`);
  return { byName, email };
}

/** A provider whose wrong credentials count against the address they come from. */
function limited(name: string, provider: IdentityProvider, limits: LoginLimits): IdentityProvider {
  if (provider.isGuessable === false) return provider;
  return {
    async admit(credentials, context) {
      await limits.enter({ provider: name, address: context.address });
      await provider.admit?.(credentials, context);
    },
    authenticate: (credentials, context) =>
      limits.counted({ provider: name, address: context.address }, () => provider.authenticate(credentials, context)),
  };
}
