import { z } from 'zod';
import { cacheSchema, cacheUseSchema } from '../../core/model/cache.ts';
import { checkoutSchema } from '../../core/model/checkout.ts';
import { projectId, runId, storedHolder } from '../../core/model/ids.ts';
import { commitSchema, phaseSchema } from '../../core/model/job.ts';
import { type Run, triggerKinds } from '../../core/model/run.ts';
import { runStates } from '../../core/model/run-state.ts';
import { serviceSchema, serviceStatusSchema } from '../../core/model/service.ts';
import { lastStatuses } from '../../core/model/task.ts';
import { testFailureSchema, testTotalsSchema } from '../../core/model/test-results.ts';
import { storedDate } from './parse-item.ts';

/**
 * An object that keeps the fields it does not name: a newer version wrote them, and they survive a write by this one. The
 * types need not know of them, so the cast only hides that they may be there.
 */
const object = z.looseObject as unknown as typeof z.object;

const texts = z.record(z.string(), z.string());

const specSchema = object({
  suite: z.string(),
  source: z.discriminatedUnion('kind', [
    object({ kind: z.literal('git'), url: z.string(), ref: z.string().exactOptional() }),
    object({ kind: z.literal('archive'), url: z.string() }),
  ]),
  branch: z.string(),
  command: z.string(),
  setup: z.string().exactOptional(),
  rerun: z.string().exactOptional(),
  shell: z.string().exactOptional(),
  teardown: z.string().exactOptional(),
  role: z.string().exactOptional(),
  taskRole: z.boolean().exactOptional(),
  teardownOptions: z
    .object({
      onFailure: z.enum(['release', 'quarantine']).exactOptional(),
      timeoutSeconds: z.number().exactOptional(),
      retries: z.number().exactOptional(),
    })
    .exactOptional(),
  teardownOf: z.string().transform(runId).exactOptional(),
  deploy: object({
    paths: z.array(z.string()).exactOptional(),
    cancelSuperseded: z.boolean(),
    isForced: z.literal(true).exactOptional(),
  }).exactOptional(),
  deploys: z.array(object({ suite: z.string(), runId: z.string().transform(runId) })).exactOptional(),
  needs: z.array(object({ suite: z.string(), runId: z.string().transform(runId) })).exactOptional(),
  concurrency: object({ group: z.string(), limit: z.number() }).exactOptional(),
  isNeeded: z.literal(true).exactOptional(),
  env: texts,
  secrets: texts,
  image: z.string().exactOptional(),
  cpuUnits: z.number(),
  memoryMib: z.number(),
  ephemeralStorageGib: z.number().exactOptional(),
  timeoutSeconds: z.number(),
  junit: z.array(z.string()),
  artifacts: z.array(z.string()),
  caches: z.array(cacheSchema).exactOptional(),
  services: z.array(serviceSchema).exactOptional(),
  stack: object({
    holder: z.string().transform(storedHolder),
    name: z.string().exactOptional(),
    hold: z.enum(['run', 'pull_request', 'branch']),
    shares: z.boolean(),
    url: z.string().exactOptional(),
  }).exactOptional(),
  retries: z.number(),
  checkout: checkoutSchema.exactOptional(),
  untrusted: z.boolean(),
  note: z.string().exactOptional(),
});

export const triggerSchema = object({
  kind: z.enum(triggerKinds),
  actor: z.string().exactOptional(),
});

const githubSchema = object({
  repositoryId: z.number(),
  installationId: z.number(),
  owner: z.string(),
  repo: z.string(),
  headSha: z.string(),
  headRepositoryId: z.number().exactOptional(),
  pullRequest: z.number().exactOptional(),
  baseBranch: z.string().exactOptional(),
  newComment: z.literal(true).exactOptional(),
  checkRunId: z.number().exactOptional(),
  published: z.string().exactOptional(),
  attempts: z.number().exactOptional(),
  retryAt: storedDate.exactOptional(),
  claimedUntil: storedDate.exactOptional(),
  shown: z.string().exactOptional(),
  publishedAt: storedDate.exactOptional(),
  deployment: z.object({ id: z.number().exactOptional(), state: z.string() }).exactOptional(),
  replaced: z.array(z.number()).exactOptional(),
});

export const taskStatusSchema = object({
  arn: z.string(),
  lastStatus: z.enum(lastStatuses),
  desiredStatus: z.enum(['RUNNING', 'STOPPED']),
  createdAt: storedDate.exactOptional(),
  startedAt: storedDate.exactOptional(),
  stoppedAt: storedDate.exactOptional(),
  stoppedReason: z.string().exactOptional(),
  exitCode: z.number().exactOptional(),
  log: object({ group: z.string(), stream: z.string(), region: z.string() }).exactOptional(),
  resources: object({
    cpuUnits: z.number(),
    memoryMib: z.number(),
    storageGib: z.number().exactOptional(),
    architecture: z.enum(['X86_64', 'ARM64']),
    spot: z.boolean(),
    region: z.string(),
  }).exactOptional(),
  failure: object({
    code: z.enum(['task_not_started', 'interrupted', 'out_of_memory', 'task_lost', 'service_not_ready']),
    message: z.string(),
    retryable: z.boolean(),
  }).exactOptional(),
  services: z.array(serviceStatusSchema).exactOptional(),
});

const outcomeSchema = object({
  exitCode: z.number().nullable(),
  summary: z.string(),
  errorCode: z.string().exactOptional(),
  tests: testTotalsSchema.exactOptional(),
  passedOnRetry: z.array(z.string()).exactOptional(),
  failures: z.array(testFailureSchema),
  outputs: texts.exactOptional(),
  warnings: z.array(object({ code: z.string(), message: z.string() })),
  artifacts: z.array(object({ path: z.string(), sizeBytes: z.number(), isReport: z.boolean() })),
  caches: z.array(cacheUseSchema).exactOptional(),
  cacheSavedSeconds: z.number().exactOptional(),
  logTail: z.array(z.string()),
  hasReport: z.boolean(),
  costUsd: z.number().exactOptional(),
});

const documentSchema = object({
  id: z.string().transform(runId),
  projectId: z.string().transform(projectId),
  spec: specSchema,
  trigger: triggerSchema,
  state: z.enum(runStates),
  revision: z.number().int(),
  sha: z.string().exactOptional(),
  commit: commitSchema.exactOptional(),
  retryOf: z.string().transform(runId).exactOptional(),
  failedOnly: z.literal(true).exactOptional(),
  attempt: z.number(),
  github: githubSchema.exactOptional(),
  createdAt: storedDate,
  updatedAt: storedDate,
  stateSince: storedDate,
  milestones: object({
    waiting: storedDate.exactOptional(),
    provisioning: storedDate.exactOptional(),
  }).exactOptional(),
  startedAt: storedDate.exactOptional(),
  finishedAt: storedDate.exactOptional(),
  dueAt: storedDate.exactOptional(),
  held: object({
    stackName: z.string(),
    token: z.number(),
    isNew: z.boolean(),
    lastDeployedCommit: z.string().exactOptional(),
    outputs: texts.exactOptional(),
    url: z.string().exactOptional(),
  }).exactOptional(),
  deployed: object({
    commit: z.string(),
    url: z.string().exactOptional(),
    reused: object({ savedSeconds: z.number() }).exactOptional(),
  }).exactOptional(),
  redeployedBy: z.string().transform(runId).exactOptional(),
  waiting: object({
    reason: z.enum(['line', 'turn', 'capacity', 'deploy', 'suite']),
    deploy: z.string().exactOptional(),
    suite: z.string().exactOptional(),
    group: z.string().exactOptional(),
    position: z.number().exactOptional(),
    stackName: z.string().exactOptional(),
  }).exactOptional(),
  slot: z.literal('asked').exactOptional(),
  launches: z.number(),
  earlierCostUsd: z.number().exactOptional(),
  task: object({ executor: z.string(), arn: z.string() }).exactOptional(),
  taskStatus: taskStatusSchema.exactOptional(),
  phases: z.array(phaseSchema),
  cancel: object({ at: storedDate, reason: z.string(), by: z.string().exactOptional() }).exactOptional(),
  stop: object({
    at: storedDate,
    because: z.enum(['cancelled', 'timed_out', 'not_started']),
  }).exactOptional(),
  missingSince: storedDate.exactOptional(),
  outcome: outcomeSchema.exactOptional(),
  settledAt: storedDate.exactOptional(),
  retriedBy: z.string().transform(runId).exactOptional(),
});

/** Parses the document of a run. */
export const runSchema: z.ZodType<Run> = documentSchema;

type Whole<Value> = Value extends string | number | boolean | Date | null | undefined
  ? Value
  : Value extends readonly (infer Element)[]
    ? readonly Whole<Element>[]
    : { [Key in keyof Value]-?: Whole<Value[Key]> };
type IsWhole<Parsed, Wanted> = Whole<Parsed> extends Whole<Wanted> ? true : never;

/** Does not compile when {@link Run} gets an optional field that is not read back. */
true satisfies IsWhole<z.output<typeof documentSchema>, Run>;
