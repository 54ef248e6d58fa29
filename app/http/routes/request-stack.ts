import type { z } from '@hono/zod-openapi';
import { BerthError } from '../../core/model/errors.ts';
import { holder } from '../../core/model/ids.ts';
import { type Project, stackLimitOf } from '../../core/model/project.ts';
import { estimateWaits } from '../../core/stacks/estimate-wait.ts';
import { requestStack, type StackAnswer } from '../../core/stacks/request-stack.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import {
  heldStackSchema,
  noStackFreeSchema,
  placeInLineSchema,
  requestStackSchema,
} from '../schemas/stack.ts';
import { stackChange } from './route-kinds.ts';

/** `POST /requestStack`. */
export function addRequestStackRoute(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackChange,
      id: 'requestStack',
      path: '/requestStack',
      summary: 'Acquire a stack for a branch',
      description:
        'A holder that repeats its request gets the same stack, and renews its lease. Without a holder, each request acquires another stack.',
      body: requestStackSchema,
      responses: {
        ...jsonAnswer(200, 'The stack is held.', heldStackSchema),
        ...jsonAnswer(202, 'In the queue: request again with the same holder.', placeInLineSchema),
        ...jsonAnswer(409, 'No stack is free, and the request does not wait.', noStackFreeSchema),
      },
    },
    async (c, { target: { project, caller }, body: { branch, wait, leaseSeconds, ...asked } }) => {
      // A client that waits must return with the same name; one that does not wait and gives no name gets a unique one.
      const name = asked.holder ?? (wait ? api.deps.ids.unique() : undefined);
      const answer = await requestStack(
        api.deps,
        omitUndefined({
          project,
          holder: name === undefined ? holder.request(api.deps.ids.unique()) : holder.client(name),
          branch,
          // In a project that may have no stacks the line would never move.
          wait: wait && stackLimitOf(project.settings) > 0,
          leaseSeconds,
          author: caller.actor,
        }),
      );
      switch (answer.kind) {
        case 'held':
          return c.json(heldView(project, answer, name));
        case 'waiting':
          return c.json(
            placeView(answer.position, await estimateWaits(api.deps, project, answer.position), name),
            202,
          );
        case 'none':
          return c.json(noneView(project, answer.position), 409);
        case 'busy':
        case 'closed':
          throw refusal(answer.kind);
      }
    },
  );
}

function heldView(
  project: Project,
  { stack, isNew }: Extract<StackAnswer, { kind: 'held' }>,
  name: string | undefined,
): z.output<typeof heldStackSchema> {
  const deployed = stack.lastDeployedCommit ?? project.settings.initialCommit;
  return omitUndefined({
    stackName: stack.stackName,
    lastDeployedCommit: deployed,
    lockToken: stack.token,
    leaseUntil: stack.hold?.leaseUntil?.toISOString() ?? null,
    isNew,
    holder: name ?? null,
  });
}

function placeView(
  position: number,
  waits: readonly number[],
  name: string | undefined,
): z.output<typeof placeInLineSchema> {
  return omitUndefined({
    message: `No stack is free; position ${position} in the queue.`,
    position,
    estimatedSeconds: waits.at(-1) ?? null,
    holder: name,
  });
}

function noneView({ name, settings }: Project, position: number): z.output<typeof noStackFreeSchema> {
  return settings.maxStacks === 0
    ? {
        message: `Project ${name} has no stacks.`,
        code: 'stack_none_free',
        hint: 'Raise maxStacks in the project settings.',
        position,
      }
    : {
        message:
          settings.maxStacks === undefined
            ? 'No stack is free.'
            : `No stack is free, and the project has its limit of ${settings.maxStacks} (maxStacks).`,
        code: 'stack_none_free',
        hint: 'Request again later, or with "wait": true for a place in the queue.',
        position,
      };
}

/** These never happen to an API client: it takes no turns, and nothing closes it. */
function refusal(kind: 'busy' | 'closed'): BerthError {
  return kind === 'busy'
    ? new BerthError('stack_held', 'A workflow is using your stack.', { hint: 'Wait until it ends.' })
    : new BerthError('holder_closed', 'This holder is closed and cannot acquire stacks.', {
        hint: 'Use another holder.',
      });
}
