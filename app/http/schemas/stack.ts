import { z } from '@hono/zod-openapi';
import { maxReservationSeconds } from '../../core/stacks/reserve-stack.ts';
import { branchName, holderName, line, moment } from './text.ts';

const stackName = line(100).openapi({ example: 'test-3' });
const lockToken = z.number().int().min(1).openapi({
  description: 'The token from `requestStack`: the request only affects this hold.',
  example: 17,
});

export const stackNameInPath = z.object({ name: stackName });

export const requestStackSchema = z
  .object({
    branch: branchName.default('main'),
    holder: holderName.optional(),
    wait: z.boolean().default(false).openapi({ description: 'Join the queue if no stack is free.' }),
    leaseSeconds: z.number().int().min(1).max(31_536_000).optional().openapi({
      description:
        'The hold expires after this time, unless the holder requests again. If omitted, it never expires.',
    }),
  })
  .openapi('StackRequest');

export const releaseStackSchema = z
  .object({ stackName, lockToken: lockToken.optional() })
  .openapi('StackRelease');

export const extendLeaseSchema = z
  .object({
    stackName,
    leaseSeconds: z
      .number()
      .int()
      .min(1)
      .max(31_536_000)
      .openapi({ description: 'The time from now, in seconds.' }),
    lockToken: lockToken.optional(),
  })
  .openapi('LeaseExtension');

export const reclaimStackSchema = z
  .object({ stackName, lockToken: lockToken.optional() })
  .openapi('StackReclaim');

export const namedStackSchema = z.object({ stackName }).openapi('NamedStack');

export const reserveStackSchema = z
  .object({
    stackName,
    seconds: z
      .number()
      .int()
      .min(1)
      .max(maxReservationSeconds)
      .openapi({ description: 'The time from now, in seconds.' }),
    reason: line(200).openapi({ example: 'demo for sales' }),
  })
  .openapi('ReservationRequest');

export const setLastDeployedCommitSchema = z
  .strictObject({ stackName, lastDeployedCommit: line(255), lockToken: lockToken.optional() })
  .openapi('StackDeployment');

export const stackSchema = z
  .object({
    stackName: z.string(),
    lastDeployedCommit: z.string().optional(),
    isAvailable: z.boolean(),
    branch: z.string().openapi({ description: 'The branch that has the stack, or last had it.' }),
    created: moment,
    modified: moment,
    entity: z.literal('Stack'),
    lastRequested: moment,
    holder: z.string().nullable().openapi({ example: 'pr:7' }),
    heldBy: z
      .string()
      .nullable()
      .openapi({ description: 'A description of the holder.', example: 'pull request #7' }),
    heldSince: moment.nullable(),
    leaseUntil: moment.nullable(),
    reclaimAt: moment
      .nullable()
      .openapi({ description: 'After this time an idle hold may be transferred to a waiting holder.' }),
    lockToken: z.number().int().nullable(),
    activeRuns: z.array(z.string()).openapi({ description: 'Workflows that are running on it.' }),
    state: z.enum(['clean', 'dirty']).openapi({
      description: 'A stack is dirty after its teardown has failed. No holder gets it until it is clean.',
    }),
    dirty: z
      .object({
        since: moment,
        reason: z.string(),
        attempts: z.number().int().openapi({ description: 'Teardowns that have failed.' }),
        retryAt: moment.nullable().openapi({
          description: 'null while the teardown runs, or if only a person can clean the stack.',
        }),
      })
      .nullable(),
    reservation: z
      .object({ by: z.string(), reason: z.string(), since: moment, until: moment })
      .nullable()
      .openapi({ description: 'The stack is reserved until this time.' }),
    url: z.string().nullable().openapi({ description: 'The URL of the deployed stack.' }),
    deployedAt: moment.nullable().openapi({ description: 'When Berth last deployed to it.' }),
    headCommit: z
      .string()
      .nullable()
      .openapi({ description: "The latest commit of the stack's branch, if Berth knows it." }),
    costUsd: z.number().nullable().optional().openapi({
      description: 'The cost of the last 100 runs on the stack. Only for one stack, not in lists.',
    }),
    deploys: z
      .array(
        z.object({
          name: z.string().openapi({ example: 'deploy' }),
          commit: z.string().nullable().openapi({ description: 'The commit that was deployed last.' }),
          deployedAt: moment.nullable(),
          workflowId: z.string().nullable(),
          url: z.url().nullable(),
          outputs: z.record(z.string(), z.string()),
          isUnfinished: z.boolean().openapi({
            description: 'A later deployment has begun and has not succeeded.',
          }),
        }),
      )
      .optional()
      .openapi({ description: "Berth's deployment on it; absent without a deployment." }),
  })
  .openapi('Stack');

export const heldStackSchema = z
  .object({
    stackName: z.string(),
    lastDeployedCommit: z.string().optional().openapi({
      description: "Otherwise the project's `initialCommit`; absent if neither is set.",
    }),
    lockToken: z.number().int().openapi({ description: 'Increases with every acquisition of the stack.' }),
    leaseUntil: moment.nullable(),
    isNew: z.boolean(),
    holder: z.string().nullable().openapi({
      description: 'The name to request again with; null if the request had none.',
    }),
  })
  .openapi('HeldStack');

const estimatedSeconds = z.number().int().nullable().openapi({
  description: 'The estimated wait, from the median duration of recent holds; null without a history.',
});

const position = z.number().int().openapi({ description: '1 for the first in the queue.', example: 2 });

export const placeInLineSchema = z
  .object({
    message: z.string(),
    position,
    estimatedSeconds,
    holder: z.string().optional().openapi({
      description:
        'Request again with this holder until you get a stack. The ticket expires two minutes after the last request.',
    }),
  })
  .openapi('PlaceInLine');

export const noStackFreeSchema = z
  .object({
    message: z.string(),
    code: z.literal('stack_none_free'),
    hint: z.string(),
    position: position.openapi({ description: 'The position that the request would have had.' }),
  })
  .openapi('NoStackFree');

export const ticketSchema = z
  .object({
    position: z.number().int(),
    holder: z.string(),
    heldBy: z.string().openapi({ description: 'The waiting holder, for people.' }),
    branch: z.string(),
    stackNumber: z.number().int().nullable().openapi({ description: 'Waits only for this stack.' }),
    workflowId: z.string().nullable(),
    asked: moment,
    expires: moment,
    estimatedSeconds,
  })
  .openapi('Ticket');

/** `GET /stacks/{name}/history`. */
export const stackHistorySchema = z
  .object({
    holds: z
      .array(
        z.object({
          lockToken: z.number().int(),
          holder: z.string(),
          heldBy: z.string().openapi({ description: 'A description of the holder.' }),
          branch: z.string(),
          since: moment,
          until: moment.nullable().openapi({ description: 'null while the hold lasts.' }),
          deployments: z
            .array(z.object({ commit: z.string(), at: moment }))
            .openapi({ description: 'The oldest first.' }),
        }),
      )
      .openapi({ description: 'Latest first, at most about a hundred.' }),
  })
  .openapi('StackHistory');
