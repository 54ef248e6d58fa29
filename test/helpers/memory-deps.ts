import { createHash } from 'node:crypto';
import type { Deps } from '../../app/core/deps.ts';
import { BerthError } from '../../app/core/model/errors.ts';
import { projectId } from '../../app/core/model/ids.ts';
import { type JobResult, jobSchema } from '../../app/core/model/job.ts';
import {
  type Project,
  type ProjectSettingsInput,
  projectSettingsSchema,
} from '../../app/core/model/project.ts';
import type { RunSpec } from '../../app/core/model/run.ts';
import { runObjectKey } from '../../app/core/model/run-keys.ts';
import type { TaskStatus } from '../../app/core/model/task.ts';
import { type CollectedRuns, collectRun, notingWrites } from '../../app/core/runs/known-run.ts';
import { reconcileRun } from '../../app/core/runs/reconcile-run.ts';
import type { BerthEvent } from '../../app/ports/events.ts';
import type { Executor, LaunchRequest } from '../../app/ports/executor.ts';
import type { Objects } from '../../app/ports/objects.ts';
import type { Store } from '../../app/ports/store.ts';
import { embeddedPolicy } from '../../app/wiring/policies.ts';
import { memoryStore } from './memory-store.ts';

/** A simulated world: tests move the clock and end the tasks. */
export interface World {
  readonly deps: Deps;
  readonly clock: FakeClock;
  readonly tasks: FakeExecutor;
  readonly events: BerthEvent[];
  readonly objects: Map<string, string>;
  project(settings?: ProjectSettingsInput, name?: string): Promise<Project>;
  /** Performs every enqueued reconciliation, and those that follow from it. */
  settle(): Promise<void>;
}

export function world(options: { store?: Store; random?: () => number; deps?: Partial<Deps> } = {}): World {
  const clock = fakeClock();
  const tasks = fakeExecutor(clock);
  const events: BerthEvent[] = [];
  const kept = new Map<string, string>();
  const wanted: CollectedRuns = new Map();
  let count = 0;
  const deps: Deps = {
    store: notingWrites(options.store ?? memoryStore(), () => wanted),
    executor: tasks.executor,
    logs: {
      read: async (_run, cursor) => ({ lines: [], cursor: cursor ?? '0', complete: true }),
      consoleUrl: () => undefined,
    },
    objects: memoryObjects(kept),
    renewals: {
      urlOf: async ({ runId, launch }) => `memory:renew:${runId}/${launch}`,
      allows: async ({ runId, launch }, signature) => signature === `${runId}/${launch}`,
    },
    sources: {
      resolve: async (run) => ({
        source: { kind: 'git', url: run.spec.source.url, branch: run.spec.branch },
        secretEnv: {},
      }),
    },
    differences: { between: async () => undefined },
    checks: { publish: async (_run, target) => ({ target }) },
    events: { publish: async (event) => void events.push(event) },
    clock,
    ids: {
      unique: () => {
        count += 1;
        return `id${String(count).padStart(6, '0')}`;
      },
      derived: async (...parts) =>
        createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 26).toUpperCase(),
      random: options.random ?? (() => 0),
      secret: (bytes) => 'ab'.repeat(bytes),
    },
    log: { info() {}, warn() {}, error() {} },
    policy: embeddedPolicy,
    links: {
      run: (id) => `http://berth.test/runs/${id}`,
      report: (id) => `http://berth.test/${id}`,
      commit: () => undefined,
      pullRequest: () => undefined,
      checkRun: () => undefined,
    },
    // As a function on AWS does it.
    enqueue: (id, known) => collectRun(wanted, id, known),
    serialize: (_key, work) => work(false),
    cost: () => undefined,
    ...options.deps,
  };
  return {
    deps,
    clock,
    tasks,
    events,
    objects: kept,
    async project(settings = {}, name = 'demo') {
      const now = clock.now();
      const project = {
        id: projectId(name),
        name,
        settings: projectSettingsSchema.parse(settings),
        created: now,
        modified: now,
      };
      await deps.store.projects.create(project);
      return project;
    },
    async settle() {
      for (let [next] = wanted; next !== undefined; [next] = wanted) {
        const [id, known] = next;
        wanted.delete(id);
        await reconcileRun(deps, id, undefined, { known });
      }
    },
  };
}

export interface FakeClock {
  now(): Date;
  advance(seconds: number): void;
}

export function fakeClock(start = '2026-01-01T00:00:00.000Z'): FakeClock {
  let now = Date.parse(start);
  return {
    now: () => new Date(now),
    advance: (seconds) => {
      now += seconds * 1000;
    },
  };
}

interface FakeExecutor {
  readonly executor: Executor;
  readonly launched: LaunchRequest[];
  readonly stopped: { arn: string; reason: string }[];
  /** Moves a task on, as the infrastructure would. */
  set(arn: string, change: Partial<TaskStatus>): void;
  /** The task is gone without a trace. */
  lose(arn: string): void;
  arnOf(runId: string, launch?: number): string;
}

function fakeExecutor(clock: FakeClock): FakeExecutor {
  const tasks = new Map<string, { status: TaskStatus; request: LaunchRequest }>();
  const launched: LaunchRequest[] = [];
  const withdrawn = new Set<string>();
  const stopped: { arn: string; reason: string }[] = [];
  const arnOf = (runId: string, launch = 1): string => `arn:fake:task/${runId}/${launch}`;
  const set = (arn: string, change: Partial<TaskStatus>): void => {
    const task = tasks.get(arn);
    if (task === undefined) throw new Error(`no task ${arn}`);
    tasks.set(arn, { ...task, status: { ...task.status, ...change } });
  };
  const executor: Executor = {
    name: 'process',
    async launch(request) {
      const arn = arnOf(request.runId, request.launch);
      const known = tasks.get(arn);
      if (known !== undefined) return known.status;
      if (withdrawn.has(arn)) throw new BerthError('launch_failed', 'the launch was withdrawn');
      launched.push(request);
      const status: TaskStatus = {
        arn,
        lastStatus: 'PENDING',
        desiredStatus: 'RUNNING',
        createdAt: clock.now(),
      };
      tasks.set(arn, { status, request });
      return status;
    },
    async withdraw(request) {
      const arn = arnOf(request.runId, request.launch);
      const known = tasks.get(arn);
      if (known === undefined) withdrawn.add(arn);
      return known?.status;
    },
    async describe(refs) {
      const found = refs.flatMap(({ arn }): [string, TaskStatus][] => {
        const status = tasks.get(arn)?.status;
        return status === undefined ? [] : [[arn, status]];
      });
      return new Map(found);
    },
    async stop({ arn }, reason) {
      stopped.push({ arn, reason });
    },
    async remove({ arn }) {
      tasks.delete(arn);
    },
    async listTasks() {
      return [...tasks.values()].map(({ status, request }) => ({
        task: { executor: 'process', arn: status.arn },
        runId: request.runId,
        keep: false,
        isStopped: status.lastStatus === 'STOPPED',
      }));
    },
  };
  return { executor, launched, stopped, set, lose: (arn) => void tasks.delete(arn), arnOf };
}

function memoryObjects(kept: Map<string, string>): Objects {
  return {
    async put(key, body) {
      kept.set(key, typeof body === 'string' ? body : new TextDecoder().decode(body));
    },
    async get(key) {
      const text = kept.get(key);
      if (text === undefined) return undefined;
      const blob = new Blob([text]);
      return { body: blob.stream(), sizeBytes: blob.size, contentType: 'application/octet-stream' };
    },
    async delete(key) {
      kept.delete(key);
    },
    async grant({ key, method }) {
      return `memory:${method}:${key}`;
    },
  };
}

/** A run of a small command, to be changed where a test needs it. */
export function specOf(change: Partial<RunSpec> = {}): RunSpec {
  return {
    suite: 'unit',
    source: { kind: 'git', url: 'https://github.com/acme/site.git' },
    branch: 'main',
    command: 'npm test',
    env: {},
    secrets: {},
    cpuUnits: 512,
    memoryMib: 1024,
    timeoutSeconds: 300,
    junit: [],
    artifacts: [],
    retries: 0,
    untrusted: false,
    ...change,
  };
}

/** Writes the result of a run's runner. */
export function writeResult(
  w: World,
  runId: Parameters<typeof runObjectKey>[0],
  change: Partial<JobResult> = {},
): void {
  const result: JobResult = {
    version: 1,
    runId,
    outcome: 'succeeded',
    exitCode: 0,
    phases: [],
    failures: [],
    slowest: [],
    warnings: [],
    artifacts: [],
    logTail: [],
    ...change,
  };
  w.objects.set(runObjectKey(runId, 'result.json'), JSON.stringify(result));
}

/** The job document as the runner would read it. */
export function jobOf(w: World, runId: Parameters<typeof runObjectKey>[0]) {
  return jobSchema.parse(JSON.parse(w.objects.get(runObjectKey(runId, 'job.json')) ?? 'null'));
}
