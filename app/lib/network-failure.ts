const reasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name cannot be resolved (DNS)',
  EAI_AGAIN: 'its name cannot be resolved now (DNS)',
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it closed the connection',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no network',
  ETIMEDOUT: 'it does not answer',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: add it with NODE_EXTRA_CA_CERTS',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate authority is unknown: add it with NODE_EXTRA_CA_CERTS',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate authority is unknown: add it with NODE_EXTRA_CA_CERTS',
};

/** Says what kept a host from being reached. @returns undefined for every other failure. */
export function networkFailure(error: unknown): string | undefined {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    const code = 'code' in one ? String(one.code) : '';
    if (reasons[code] !== undefined) return reasons[code];
    if (one instanceof AggregateError) {
      const [first] = one.errors.flatMap((inner) => networkFailure(inner) ?? []);
      if (first !== undefined) return first;
    }
  }
  return undefined;
}
