import { z } from '@hono/zod-openapi';
import { holdsOf } from '../../core/model/hold.ts';
import { publicRunId } from '../../core/model/ids.ts';
import { extendLease } from '../../core/stacks/extend-lease.ts';
import { reclaimStack } from '../../core/stacks/reclaim-stack.ts';
import { findStack } from '../../core/stacks/release-stack.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import {
  extendLeaseSchema,
  reclaimStackSchema,
  stackHistorySchema,
  stackNameInPath,
  stackSchema,
} from '../schemas/stack.ts';
import { stackHistoryView, stackView } from '../views/stack-view.ts';
import { stackChange, stackRead } from './route-kinds.ts';

/** Adds routes for the holds of a stack: their history, extending a lease, and releasing it. */
export function addStackHoldRoutes(api: Api): void {
  addHistory(api);
  addExtend(api);
  addReclaim(api);
}

function addHistory(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackRead,
      id: 'getStackHistory',
      path: '/stacks/{name}/history',
      summary: 'List the holds of a stack and its deployments',
      params: stackNameInPath,
      errors: ['invalid_request', 'stack_not_found'],
      responses: jsonAnswer(200, 'Its holds, the current one first.', stackHistorySchema),
    },
    async (c, { target: { project }, params: { name } }) => {
      const stack = await findStack(api.deps, project, name);
      const noted = await api.deps.store.holds.list(project.id, stack.number);
      return c.json(stackHistoryView(holdsOf(stack, noted)));
    },
  );
}

function addExtend(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackChange,
      id: 'extendLease',
      path: '/extendLease',
      summary: 'Extend or shorten a lease',
      description: 'A hold without a lease lasts until it is released, and is refused with `conflict`.',
      body: extendLeaseSchema,
      errors: ['stack_not_found', 'stack_token_stale', 'conflict'],
      responses: jsonAnswer(200, 'The stack with its new lease.', stackSchema),
    },
    async (c, { target: { project }, body: { lockToken, ...lease } }) => {
      const stack = await extendLease(api.deps, omitUndefined({ project, ...lease, token: lockToken }));
      return c.json(stackView(stack, api.deps.clock.now()));
    },
  );
}

function addReclaim(api: Api): void {
  const answer = z
    .object({
      message: z.string().openapi({ example: 'Stack test-3 reclaimed' }),
      cancelled: z
        .array(z.string())
        .openapi({ description: 'Workflows that have to stop before it is free.' }),
    })
    .openapi('StackReclaimed');
  addEndpoint(
    api,
    {
      ...stackChange,
      id: 'reclaimStack',
      path: '/reclaimStack',
      summary: 'Force the release of a stack, and cancel its workflows',
      description:
        'Ends the lease now. The first waiting holder gets the stack as soon as nothing runs on it.',
      body: reclaimStackSchema,
      errors: ['stack_not_found', 'stack_token_stale', 'stack_held'],
      responses: jsonAnswer(
        200,
        'The stack is free, or becomes free when these workflows have stopped.',
        answer,
      ),
    },
    async (c, { target: { project, caller }, body: { stackName, lockToken } }) => {
      const cancelled = await reclaimStack(
        api.deps,
        omitUndefined({ project, stackName, token: lockToken, by: caller.actor }),
      );
      return c.json({ message: `Stack ${stackName} reclaimed`, cancelled: cancelled.map(publicRunId) });
    },
  );
}
