import { lookup } from 'node:dns/promises';
import { whyNotHost } from '../../core/model/clone-host.ts';
import type { Ids } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';

const attempts = 4;
const answerLimitMs = 5_000;
const firstWaitMs = 500;

export interface DeliverDeps {
  readonly ids: Pick<Ids, 'unique' | 'random'>;
  readonly log: Logger;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

export interface DeliveryRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Names the message in the log, which never has the URL: that of Slack is a secret. */
  readonly facts: object;
}

/** Posts a message to a receiver. Tries four times; then it is logged and given up. Never throws. */
export async function deliver({ ids, log, sleep }: DeliverDeps, request: DeliveryRequest): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const refusal = await post(request);
    if (refusal === undefined) return;
    if (refusal.final || attempt === attempts) {
      log.warn({ ...request.facts, reason: refusal.reason }, 'a webhook could not be delivered');
      return;
    }
    await sleep(Math.floor(ids.random() * firstWaitMs * 2 ** attempt));
  }
}

interface Refusal {
  readonly reason: string;
  /** Trying again would change nothing. */
  readonly final: boolean;
}

async function post({ url, headers, body }: DeliveryRequest): Promise<Refusal | undefined> {
  try {
    if (await isSpecial(new URL(url).hostname)) {
      return { reason: 'the address is a metadata, link-local or special address', final: true };
    }
    // Following a redirect would send the body to a host that the settings do not name.
    const signal = AbortSignal.timeout(answerLimitMs);
    const all = { 'content-type': 'application/json', 'user-agent': 'berth', ...headers };
    const response = await fetch(url, { method: 'POST', headers: all, body, redirect: 'manual', signal });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const passing = response.status >= 500 || response.status === 429 || response.status === 408;
    return { reason: `status ${response.status}`, final: !passing };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error), final: false };
  }
}

/** Whether a host is, or resolves to, an address where clouds serve credentials. Private addresses are the operator's choice. */
async function isSpecial(hostname: string): Promise<boolean> {
  const isRefused = (host: string): boolean => whyNotHost(host, { allowPrivateHosts: true }) !== undefined;
  if (isRefused(hostname)) return true;
  const addresses = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true });
  return addresses.some(({ address, family }) => isRefused(family === 6 ? `[${address}]` : address));
}
