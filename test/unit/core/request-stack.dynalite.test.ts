import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { holder } from '../../../app/core/model/ids.ts';
import type { Project } from '../../../app/core/model/project.ts';
import { requestStack } from '../../../app/core/stacks/request-stack.ts';
import { keyedQueue } from '../../../app/lib/keyed-queue.ts';
import type { OpenStore } from '../../contract/store.ts';
import { type World, world } from '../../helpers/memory-deps.ts';
import { openEmbeddedStore } from '../adapters/dynamodb/open-embedded-store.ts';

describe('a request for a stack, on a real table', () => {
  let table: OpenStore;
  let w: World;
  beforeAll(async () => {
    table = await openEmbeddedStore();
    w = world({ store: table.store, random: Math.random, deps: { serialize: keyedQueue() } });
  });
  afterAll(() => table.close());

  const ask = (project: Project, name: string, wait = false) =>
    requestStack(w.deps, { project, holder: holder.request(name), branch: name, wait });

  it('sent 200 times in parallel for 50 stacks returns 50 stacks and 150 positions', async () => {
    const project = await w.project({ maxStacks: 50 }, 'busy');
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(project, `r${index}`)));
    const held = answers.flatMap((answer) => (answer.kind === 'held' ? [answer.stack.stackName] : []));
    expect(held).toHaveLength(50);
    expect(new Set(held).size).toBe(50);
    expect(answers.filter((answer) => answer.kind === 'none')).toHaveLength(150);
  });

  it('of one holder, sent 20 times in parallel, returns one stack with one token', async () => {
    const project = await w.project({ maxStacks: 50 }, 'one holder');
    const pull = holder.pullRequest(7);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        requestStack(w.deps, { project, holder: pull, branch: 'b', wait: false }),
      ),
    );
    const held = answers.map((answer) =>
      answer.kind === 'held' ? `${answer.stack.stackName} ${answer.stack.token}` : answer.kind,
    );
    expect(new Set(held)).toEqual(new Set(['test-1 1']));
    expect(await table.store.stacks.list(project.id)).toHaveLength(1);
  });
});
