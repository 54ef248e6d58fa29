import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { holder } from '../../app/domain/ids.ts';
import type { Project } from '../../app/domain/project.ts';
import { keyedTurns } from '../../app/triggers/keyed-turns.ts';
import { requestStack } from '../../app/usecases/request-stack.ts';
import { openEmbeddedStore } from '../adapters/dynamodb/open-embedded-store.ts';
import type { OpenStore } from '../contracts/store.ts';
import { type World, world } from '../helpers/memory-deps.ts';

describe('a request for a stack, on a real table', () => {
  let table: OpenStore;
  let w: World;
  beforeAll(async () => {
    table = await openEmbeddedStore();
    w = world({ store: table.store, chance: Math.random, deps: { inTurn: keyedTurns() } });
  });
  afterAll(() => table.close());

  const ask = (project: Project, name: string, wait = false) =>
    requestStack(w.deps, { project, holder: holder.request(name), branch: name, wait });

  it('made 200 times at once on 50 stacks is answered 50 times with a stack, and 150 times with a place', async () => {
    const project = await w.project({ maxStacks: 50 }, 'busy');
    const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => ask(project, `r${index}`)));
    const held = answers.flatMap((answer) => (answer.kind === 'held' ? [answer.stack.stackName] : []));
    expect(held).toHaveLength(50);
    expect(new Set(held).size).toBe(50);
    expect(answers.filter((answer) => answer.kind === 'none')).toHaveLength(150);
  });

  it('of one holder, made 20 times at once, gets one stack with one token', async () => {
    const project = await w.project({ maxStacks: 50 }, 'one holder');
    const who = holder.pullRequest(7);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        requestStack(w.deps, { project, holder: who, branch: 'b', wait: false }),
      ),
    );
    const held = answers.map((answer) =>
      answer.kind === 'held' ? `${answer.stack.stackName} ${answer.stack.token}` : answer.kind,
    );
    expect(new Set(held)).toEqual(new Set(['test-1 1']));
    expect(await table.store.stacks.list(project.id)).toHaveLength(1);
  });
});
