import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { whyNotHost, whyNotResolved } from '../../core/model/clone-host.ts';

/** Resolves a name to every address that it has. */
export type Resolve = (
  host: string,
  answer: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Default: the resolver of the system. */
  readonly resolve?: Resolve | undefined;
}

/** The host of a request is, or resolves to, an address where clouds serve credentials. */
export class AddressRefused extends Error {
  constructor() {
    super('the address is a metadata, link-local or special address');
  }
}

export interface PostAnswer {
  readonly status: number;
  /** The header of this name. */
  readonly retryAfter: string | undefined;
}

/** Private addresses are the operator's choice. */
const rules = { allowPrivateHosts: true };

/**
 * Sends a POST and returns the head of the answer. The check of the addresses and the connection use the same answer of
 * the resolver. Redirects are not followed: they would send the body to a host that the settings do not name.
 *
 * @throws AddressRefused
 */
export function postChecked(address: string, options: PostOptions): Promise<PostAnswer> {
  const { headers, body, signal, resolve = resolveAll } = options;
  const url = new URL(address);
  if (whyNotHost(url.hostname, rules) !== undefined) return Promise.reject(new AddressRefused());
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((done, fail) => {
    // A separate agent: a pooled connection would skip the lookup.
    const outgoing = send(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      lookup: checkedLookup(resolve),
      agent: false,
      signal,
    });
    outgoing.once('error', fail);
    outgoing.once('response', (response) => {
      response.destroy();
      done({ status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] });
    });
    outgoing.end(body);
  });
}

function checkedLookup(resolve: Resolve): LookupFunction {
  return (host, { all }, answer) =>
    resolve(host, (error, addresses) => {
      const isRefused = error === null && whyNotResolved(addresses, rules) !== undefined;
      const [first] = addresses;
      if (error !== null || isRefused || first === undefined) answer(error ?? new AddressRefused(), []);
      else if (all === true) answer(null, [...addresses]);
      else answer(null, first.address, first.family);
    });
}

const resolveAll: Resolve = (host, answer) =>
  systemLookup(host, { all: true }, (error, addresses) => answer(error, addresses ?? []));
