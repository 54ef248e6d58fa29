import { z } from '@hono/zod-openapi';
import type { StoreDeps } from '../../core/deps.ts';
import type { Project } from '../../core/model/project.ts';
import type { Run } from '../../core/model/run.ts';
import type { Stack } from '../../core/model/stack.ts';
import { runPages } from '../../core/runs/run-pages.ts';
import { deleteLastStack } from '../../core/stacks/delete-last-stack.ts';
import { estimateWaits } from '../../core/stacks/estimate-wait.ts';
import { listQueue } from '../../core/stacks/queue-order.ts';
import { findStack, releaseStack } from '../../core/stacks/release-stack.ts';
import { setLastDeployedCommit } from '../../core/stacks/set-last-deployed-commit.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { asBefore, jsonAnswer, messageSchema } from '../describe-endpoint.ts';
import {
  releaseStackSchema,
  setLastDeployedCommitSchema,
  stackNameInPath,
  stackSchema,
  ticketSchema,
} from '../schemas/stack.ts';
import { stackView, ticketView } from '../views/stack-view.ts';
import { addRequestStackRoute } from './request-stack.ts';
import { stackChange, stackRead } from './route-kinds.ts';

/** Adds the routes of the stack orchestrator that Berth replaces, one stack, and the queue. */
export function addStackRoutes(api: Api): void {
  addRequestStackRoute(api);
  addRelease(api);
  addSetLastDeployedCommit(api);
  addDeleteLast(api);
  addReads(api);
  addLine(api);
}

const done = (description: string) => jsonAnswer(200, description, messageSchema);

function addRelease(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackChange,
      id: 'releaseStack',
      path: '/releaseStack',
      summary: 'Release a stack',
      description:
        'Releasing an available stack is not an error. With `lockToken`, a late client never releases the hold of the next holder.',
      body: releaseStackSchema,
      errors: ['stack_not_found', 'stack_token_stale', 'stack_held'],
      responses: done('The stack is available: `Stack test-3 released`.'),
    },
    async (c, { target: { project }, body: { stackName, lockToken } }) => {
      await releaseStack(api.deps, omitUndefined({ project, stackName, token: lockToken }));
      return c.json({ message: `Stack ${stackName} released` });
    },
  );
}

function addSetLastDeployedCommit(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackChange,
      id: 'setLastDeployedCommit',
      path: '/setLastDeployedCommit',
      summary: 'Record which commit was deployed to a stack',
      body: setLastDeployedCommitSchema,
      errors: ['stack_not_found', 'stack_token_stale'],
      responses: done('Recorded: `Last commit of stack test-3 updated`.'),
    },
    async (c, { target: { project }, body: { stackName, lastDeployedCommit, lockToken } }) => {
      await setLastDeployedCommit(
        api.deps,
        omitUndefined({ project, stackName, commit: lastDeployedCommit, token: lockToken }),
      );
      return c.json({ message: `Last commit of stack ${stackName} updated` });
    },
  );
}

function addDeleteLast(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackChange,
      id: 'deleteLastStack',
      path: '/deleteLastStack',
      summary: 'Delete the stack with the highest number',
      description: 'Deployed resources stay.',
      errors: ['stack_held', 'stack_dirty'],
      responses: done(
        'The stack was deleted (`Stack test-3 deleted`), or the project has none (`No more stack`).',
      ),
    },
    async (c, { target: { project } }) => {
      const deleted = await deleteLastStack(api.deps, project);
      return c.json({
        message: deleted === undefined ? 'No more stack' : `Stack ${deleted.stackName} deleted`,
      });
    },
  );
}

function addReads(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackRead,
      id: 'listStacks',
      path: '/listStacks',
      summary: 'List the stacks of a project, in the order of their numbers',
      responses: {
        ...jsonAnswer(200, 'All stacks.', z.object({ stacks: z.array(stackSchema) }).openapi('StackList')),
        ...asBefore,
      },
    },
    (c, { target: { project } }) =>
      api.share(c, project.id, async () => {
        const stacks = await api.deps.store.stacks.list(project.id);
        const heads = await headsOf(api.deps, project, stacks);
        const now = api.deps.clock.now();
        return { stacks: stacks.map((stack) => stackView(stack, now, heads.get(stack.branch))) };
      }),
  );
  addEndpoint(
    api,
    {
      ...stackRead,
      id: 'getStack',
      path: '/stacks/{name}',
      summary: 'Get a stack',
      params: stackNameInPath,
      errors: ['invalid_request', 'stack_not_found'],
      responses: jsonAnswer(200, 'The stack.', stackSchema),
    },
    async (c, { target: { project }, params: { name } }) => {
      const stack = await findStack(api.deps, project, name);
      const [heads, costUsd] = await Promise.all([
        headsOf(api.deps, project, [stack]),
        costOfStack(api.deps, project, name),
      ]);
      return c.json({ ...stackView(stack, api.deps.clock.now(), heads.get(stack.branch)), costUsd });
    },
  );
}

/** Returns the head commits of the open branches of these stacks. */
async function headsOf(
  { store }: StoreDeps,
  { id, github }: Project,
  stacks: readonly Stack[],
): Promise<Map<string, string>> {
  if (github === undefined) return new Map();
  const names = [...new Set(stacks.map(({ branch }) => branch))];
  const branches = await store.branches.getAll(
    names.map((name) => ({ projectId: id, repositoryId: github.repositoryId, name })),
  );
  return new Map(
    branches.flatMap(({ name, head, isOpen }) => (isOpen && head !== undefined ? [[name, head]] : [])),
  );
}

const runsOfCost = 100;
/** People wait for the page of a stack: the runs of one that rests may be behind many thousands of others. */
const costPages = { perPage: runsOfCost, mostPages: 3 };

/** @returns null if no price of its runs is known. */
async function costOfStack({ store }: StoreDeps, project: Project, stack: string): Promise<number | null> {
  const runs: Run[] = [];
  // A page may be short or empty although more runs of the stack follow.
  for await (const { items } of runPages(store, project.id, { stack }, costPages)) {
    runs.push(...items.slice(0, runsOfCost - runs.length));
    if (runs.length === runsOfCost) break;
  }
  const costs = runs.map(({ outcome }) => outcome?.costUsd).filter((cost) => cost !== undefined);
  return costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
}

const longestLine = 100;

function addLine(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackRead,
      id: 'getLine',
      path: '/line',
      summary: 'List the queue for stacks',
      responses: {
        ...jsonAnswer(
          200,
          `The first ${longestLine} in the queue, and their number.`,
          z.object({ line: z.array(ticketSchema), total: z.number().int() }).openapi('StackQueue'),
        ),
        ...asBefore,
      },
    },
    (c, { target: { project } }) =>
      api.share(c, project.id, async () => {
        const [line, total] = await Promise.all([
          listQueue(api.deps, project, longestLine),
          api.deps.store.queue.count(project.id),
        ]);
        const waits = await estimateWaits(api.deps, project, line.length);
        return { line: line.map((ticket, index) => ticketView(ticket, index, waits[index])), total };
      }),
  );
}
