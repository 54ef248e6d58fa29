import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type BerthProcess, buildBerthProcess, startBerthProcess } from '../../helpers/crashing-berth.ts';
import { eventually } from '../../helpers/eventually.ts';
import { signWebhook } from '../../helpers/github-stand-in/app-identity.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import type { DeliveryState, RepositoryState } from '../../helpers/github-stand-in/state.ts';
import { apiKey } from '../../helpers/served-github.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';

/** `npm run bench:webhook-burst` sends 500 events and measures the answers. */
const branches = 10;
const settings = 'stack: false\nsuites: { unit: { command: "true" } }\n';

describe('events that arrive at the same time, a fifth of them doubled and all of them shuffled', () => {
  let github: GithubStandIn;
  let berth: BerthProcess;
  let dataDir: string;
  let repository: RepositoryState;

  beforeAll(async () => {
    await buildBerthProcess();
    github = await startGithubStandIn();
    dataDir = await mkdtemp(join(tmpdir(), 'berth-burst-'));
    repository = await github.addRepository({ name: 'shop', files: { '.github/berth.yml': settings } });
  });
  afterAll(async () => {
    await berth.stop();
    await github.close();
    await removeDirectory(dataDir);
  });

  it('are all accepted, every run ends, and check runs say what the runs say', async () => {
    // No webhook URL is set yet: four events for each branch (push and check suite, twice).
    for (let number = 1; number <= branches; number += 1) {
      await github.people.push(repository, `topic-${number}`, { 'a.txt': `first of ${number}` });
      await github.people.push(repository, `topic-${number}`, { 'a.txt': `second of ${number}` });
    }
    const events = github.state.deliveries.slice();
    // GitHub has them as delivered, or Berth would request them again at its start.
    for (const delivery of events) delivery.statusCode = 202;
    const doubled = events.filter((_, index) => index % 4 === 0);
    const burst = shuffled([...events, ...doubled]);
    berth = await startBerthProcess(github, dataDir);

    const answers = await Promise.all(burst.map((delivery) => post(delivery)));
    expect(answers.filter((status) => status !== 202)).toEqual([]);

    const ended = await eventually(
      'every run to end',
      async () => {
        const runs = await listRuns();
        return runs.length === branches && runs.every(({ conclusion }) => conclusion !== null)
          ? runs
          : undefined;
      },
      600,
    );
    await eventually('every check run to conclude', async () =>
      repository.checkRuns.every((one) => one.conclusion !== null),
    );
    expect(ended.map(({ state }) => state)).toEqual(ended.map(() => 'succeeded'));
    expect(repository.checkRuns.map((one) => [one.externalId, one.conclusion]).sort()).toEqual(
      ended.map(({ workflow_id }) => [workflow_id, 'success']).sort(),
    );
  });

  async function post(delivery: DeliveryState): Promise<number> {
    const response = await fetch(`${berth.url}/api/github/webhooks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-delivery': delivery.guid,
        'x-github-event': delivery.event,
        'x-hub-signature-256': signWebhook(delivery.body, github.identity.webhookSecret),
      },
      body: delivery.body,
    });
    await response.arrayBuffer();
    return response.status;
  }

  interface ListedRun {
    readonly workflow_id: string;
    readonly state: string;
    readonly conclusion: string | null;
  }
  async function listRuns(): Promise<readonly ListedRun[]> {
    const found: ListedRun[] = [];
    let cursor = '';
    do {
      const url = `${berth.url}/workflow?project=gh-${repository.id}&limit=100${cursor}`;
      const response = await fetch(url, { headers: { 'X-API-Key': apiKey } });
      // The API's own tests check the form of its answers.
      const page = (await response.json()) as { workflows?: ListedRun[]; cursor?: string | null };
      found.push(...(page.workflows ?? []));
      cursor = page.cursor == null ? '' : `&cursor=${encodeURIComponent(page.cursor)}`;
    } while (cursor !== '');
    return found;
  }
});

/** A shuffled order that is the same in every run of the test. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  let seed = 42;
  const next = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed;
  };
  return items
    .map((item) => ({ item, key: next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
