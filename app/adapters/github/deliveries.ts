import type { GithubDeliveries } from '../../ports/github.ts';
import type { Logger } from '../../ports/logger.ts';
import type { GithubApp, Octokit } from './github-app.ts';
import { retryHint } from './rate-gate.ts';

/** GitHub keeps deliveries for three days; more than these in one call would be a flood. */
const maxLookedAt = 1_000;

export function githubDeliveries({ github, log }: { github: GithubApp; log: Logger }): GithubDeliveries {
  return {
    redeliverFailed: (since) =>
      github.asApp(async (octokit) => {
        let redelivered = 0;
        for (const id of await findFailedDeliveries(octokit, since)) {
          try {
            await octokit.rest.apps.redeliverWebhookDelivery({ delivery_id: id });
            redelivered += 1;
          } catch (error) {
            // A refusal of one delivery must not hold up the others; a rate limit applies to all of them.
            if (retryHint(error, new Date()) !== undefined) throw error;
            log.warn({ delivery: id, err: error }, 'GitHub did not redeliver an event');
          }
        }
        return redelivered;
      }),
  };
}

interface DeliveryShape {
  readonly id: number;
  readonly guid: string;
  readonly delivered_at: string;
  readonly status_code: number;
}

/** The last attempt of every delivery that never succeeded. The input is newest first. */
export async function findFailedDeliveries(octokit: Octokit, since: Date): Promise<number[]> {
  const arrived = new Set<string>();
  const failed = new Map<string, number>();
  let lookedAt = 0;
  // Oldest first, in the original order.
  const inOrder = (): number[] => [...failed.values()].reverse();
  const pages = octokit.paginate.iterator(octokit.rest.apps.listWebhookDeliveries, { per_page: 100 });
  for await (const { data } of pages) {
    const deliveries: readonly DeliveryShape[] = data;
    for (const { id, guid, status_code, delivered_at } of deliveries) {
      if (new Date(delivered_at) < since) return inOrder();
      lookedAt += 1;
      if (status_code >= 200 && status_code < 300) {
        arrived.add(guid);
        failed.delete(guid);
      } else if (!arrived.has(guid) && !failed.has(guid)) failed.set(guid, id);
    }
    if (lookedAt >= maxLookedAt) break;
  }
  return inOrder();
}
