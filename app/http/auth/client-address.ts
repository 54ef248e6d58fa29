import ipaddr from 'ipaddr.js';

export type Network = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Parses a network: one address or a range such as `10.0.0.0/8`. @throws Error if it is neither. */
export function parseNetwork(text: string): Network {
  if (text.includes('/')) return ipaddr.parseCIDR(text);
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

/**
 * Returns the origin of a request, for counting: the address that connected to Berth or, if that is a trusted proxy, the
 * last one in `X-Forwarded-For` that is not a trusted proxy. The client wrote the entries before it, and may write
 * anything.
 *
 * @param peer the other end of the connection; undefined if it has no address, as with a socket file.
 * @param trusted the proxies of this installation.
 * @returns for IPv6 the /64 network, because one client has all the addresses in it.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | null,
  trusted: readonly Network[],
): string {
  const hops = [...(forwardedFor ?? '').split(','), peer ?? ''].map((hop) => hop.trim()).filter(Boolean);
  let nearest = 'unknown';
  for (const hop of hops.reverse()) {
    if (!ipaddr.isValid(hop)) break;
    const address = ipaddr.process(hop);
    nearest = networkOf(address);
    if (!trusted.some((network) => isIn(address, network))) break;
  }
  return nearest;
}

function isIn(address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

function networkOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (address instanceof ipaddr.IPv4) return address.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${address.toNormalizedString()}/64`).toString()}/64`;
}
