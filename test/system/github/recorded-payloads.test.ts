import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import examples from '@octokit/webhooks-examples/api.github.com/index.json' with { type: 'json' };
import { isHandled } from '../../../app/github/events/handled-events.ts';
import { type GithubWorld, githubWorld } from '../../helpers/github-world.ts';

/** Every event that Berth listens to, as GitHub once sent it. */
const names = [
  'push',
  'pull_request',
  'issue_comment',
  'check_run',
  'check_suite',
  'merge_group',
  'delete',
  'installation',
  'installation_repositories',
  'repository',
];
interface Example {
  readonly action?: string;
  readonly installation?: object;
}
const recorded = examples
  .filter(({ name }) => names.includes(name))
  .flatMap(({ name, examples: payloads }) =>
    // The package describes its payloads as JSON; these are all objects.
    (payloads as Example[]).map((payload, index) => ({
      title: `${name} ${payload.action ?? ''} #${index + 1}`,
      name,
      payload,
    })),
  );

describe('recorded events', () => {
  let w: GithubWorld;
  const complaints: unknown[] = [];

  beforeAll(async () => {
    // Their commits do not exist here, so GitHub refuses check runs; what counts is each event's own fate.
    const complain = (facts: object, message: string) => {
      if ('delivery' in facts) complaints.push({ ...facts, message });
    };
    w = await githubWorld({
      id: 186853002,
      owner: 'Codertocat',
      name: 'Hello-World',
      log: { info() {}, warn: complain, error: complain },
    });
  });
  afterAll(() => w.close());

  it('are there for every event that Berth listens to', () => {
    expect(new Set(recorded.map(({ name }) => name))).toEqual(new Set(names));
  });

  it.each(recorded)('are taken and handled: $title', async ({ name, payload }) => {
    complaints.length = 0;
    // What is sent to an App always says through which installation.
    const installation = { ...payload.installation, id: 77 };
    const delivery = await w.github.webhooks.send(name, { ...payload, installation });
    await w.settle();
    expect(delivery.statusCode).toBe(202);
    const kept = await w.deps.store.deliveries.get(delivery.guid);
    // What nothing follows from is answered and not kept.
    const attempts = isHandled({ name, payload: JSON.stringify(payload) }) ? 1 : undefined;
    expect([complaints, kept?.attempts]).toEqual([[], attempts]);
    expect(await w.deps.store.deliveries.due(new Date(Date.now() + 3_600_000), 10)).toEqual([]);
  });
});
