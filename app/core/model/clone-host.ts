import ipaddr from 'ipaddr.js';

export interface HostRules {
  /** Whether to allow loopback and private addresses: right on a laptop, wrong for a public server. */
  readonly allowPrivateHosts: boolean;
  /** If set, only these hosts: names, or `*.example.com` for every name below one. */
  readonly allowedHosts?: readonly string[];
}

/** Why a URL is refused, and what to do. */
export interface Reason {
  readonly message: string;
  readonly hint?: string;
}

/**
 * Addresses at which clouds serve the machine's credentials, in addition to the link-local range. A server must never connect
 * to them, regardless of its settings.
 */
const metadataHosts: ReadonlySet<string> = new Set([
  'metadata',
  'metadata.google.internal',
  'instance-data',
  'instance-data.ec2.internal',
  // EC2 over IPv6, Google Cloud over IPv6, Azure's wire server, Alibaba Cloud, Oracle Cloud.
  'fd00:ec2::254',
  'fd20:ce::254',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
]);

/** Suffixes of private networks: RFC 6761 (localhost), 6762 (local), 8375 (home.arpa), ICANN's internal. */
const privateSuffixes = ['localhost', 'local', 'internal', 'home.arpa', 'lan', 'intranet', 'corp'];

/** @returns why a host is refused; undefined if it is allowed. */
export function whyNotHost(host: string, rules: HostRules): Reason | undefined {
  const kind = kindOf(host);
  switch (kind.kind) {
    case 'invalid':
      return { message: `${host === '' ? 'its URL has no host' : `${host} is not a valid host name`}` };
    case 'forbidden':
      return {
        message: `Berth never clones from the host ${host}: it is a metadata, link-local or special address`,
      };
    case 'private':
      if (!rules.allowPrivateHosts) {
        return {
          message: `the host ${host} is private`,
          hint: 'Start the server with BERTH_ALLOW_PRIVATE_HOSTS=true if everyone with a key may access its network.',
        };
      }
  }
  return isListed(kind.name, rules.allowedHosts)
    ? undefined
    : {
        message: `the host ${host} is not among the project's allowedHosts`,
        hint: 'Add it to allowedHosts in the project settings.',
      };
}

interface HostKind {
  readonly kind: 'public' | 'private' | 'forbidden' | 'invalid';
  /** Normalizes a host for comparison: lower case, one form for each address. */
  readonly name: string;
}

function kindOf(host: string): HostKind {
  const bare = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  // Decimal, octal, hexadecimal and short forms, and IPv4 within IPv6, are normalized to one address.
  if (ipaddr.isValid(bare)) return kindOfAddress(ipaddr.process(bare));
  const labels = bare.split('.');
  const isName = labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  // Some resolvers treat a name with a numeric last label as an address.
  const last = labels.at(-1) ?? '';
  if (!isName || bare.length > 253 || /^(\d+|0x[0-9a-f]*)$/.test(last))
    return { kind: 'invalid', name: bare };
  if (metadataHosts.has(bare)) return { kind: 'forbidden', name: bare };
  const isPrivate =
    labels.length === 1 || privateSuffixes.some((suffix) => bare === suffix || bare.endsWith(`.${suffix}`));
  return { kind: isPrivate ? 'private' : 'public', name: bare };
}

function kindOfAddress(address: ipaddr.IPv4 | ipaddr.IPv6): HostKind {
  const name = address.toString();
  if (metadataHosts.has(name)) return { kind: 'forbidden', name };
  switch (address.range()) {
    case 'loopback':
    case 'unspecified':
    case 'private':
    case 'uniqueLocal':
    case 'carrierGradeNat':
      return { kind: 'private', name };
    case 'unicast':
      // Global unicast is 2000::/3 so far (RFC 4291, 2.4): the rest holds forms such as ::169.254.169.254.
      return address instanceof ipaddr.IPv6 && !address.match(ipaddr.IPv6.parse('2000::'), 3)
        ? { kind: 'forbidden', name }
        : { kind: 'public', name };
    default:
      // Link-local, multicast, reserved, and the ranges that carry an arbitrary IPv4 address.
      return { kind: 'forbidden', name };
  }
}

function isListed(name: string, allowed: readonly string[] | undefined): boolean {
  if (allowed === undefined) return true;
  return allowed.some((entry) => {
    const wanted = entry.toLowerCase();
    return wanted.startsWith('*.') ? name.endsWith(wanted.slice(1)) : name === kindOf(wanted).name;
  });
}

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
