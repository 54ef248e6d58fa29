import { type HostRules, whyNotHost } from './clone-host.ts';

/** One answer of a resolver. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/**
 * Explains why a name must not be connected to, by the addresses that it resolves to. A name passes the checks of its
 * text and can still lead to a private or metadata address, so the addresses are checked, and the connection has to use
 * exactly these: the next answer of a resolver may be another one.
 *
 * @returns undefined if every address is allowed. One that is not is enough to refuse a name: which one is used is
 *   chance.
 */
export function whyNotResolved(
  addresses: readonly ResolvedAddress[],
  rules: Pick<HostRules, 'allowPrivateHosts'>,
): string | undefined {
  if (addresses.length === 0) return 'it has no address';
  const refused = addresses.find(({ address }) => whyNotHost(address, rules) !== undefined);
  return refused === undefined
    ? undefined
    : `it resolves to ${refused.address}, which is a private, link-local, or metadata address`;
}
