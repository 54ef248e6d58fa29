import { randomUUID } from 'node:crypto';
import type { AcquireParams } from '../../../app/core/model/hold.ts';
import { type Holder, holder, type ProjectId, projectId, runId } from '../../../app/core/model/ids.ts';
import { type ApiKey, type Project, projectSettingsSchema } from '../../../app/core/model/project.ts';
import type { Run, RunSpec } from '../../../app/core/model/run.ts';
import type { Stack, Ticket } from '../../../app/core/model/stack.ts';
import type { Delivery, Store } from '../../../app/ports/store.ts';
import { holdChanges } from '../../helpers/hold-changes.ts';

/** A time a few minutes after the start of the tests' clock. */
export function minute(minutes: number): Date {
  return new Date(Date.UTC(2031, 0, 1, 12) + minutes * 60_000);
}

/** A project that nothing else works in. */
export function newProjectId(): ProjectId {
  return projectId(`contract-${randomUUID()}`);
}

export function newProject(change: Partial<Project> = {}): Project {
  const id = change.id ?? newProjectId();
  return {
    id,
    name: `owner/${id}`,
    settings: projectSettingsSchema.parse({}),
    created: minute(0),
    modified: minute(0),
    ...change,
  };
}

export function newKey(project: ProjectId, change: Partial<ApiKey> = {}): ApiKey {
  return {
    id: randomUUID(),
    hash: randomUUID(),
    projectId: project,
    allProjects: false,
    name: 'a key',
    scope: 'run',
    created: minute(0),
    ...change,
  };
}

export const alice = holder.client('alice');
export const bob = holder.client('bob');

export function params(holder: Holder, change: Partial<AcquireParams> = {}): AcquireParams {
  return { holder: holder, branch: 'main', now: minute(1), checkAt: minute(60), ...change };
}

/** A stack that `holder` holds. */
export async function heldStack(
  store: Store,
  project: ProjectId,
  number: number,
  change: Partial<AcquireParams> = {},
): Promise<Stack> {
  const made = await holdChanges(store).create(project, number, `test-${number}`, params(alice, change));
  if (made === undefined) throw new Error(`stack ${number} was there already`);
  return made;
}

/** A stack that had `branch` last, was requested at minute `requested`, and is available. */
export async function freeStack(
  store: Store,
  project: ProjectId,
  number: number,
  branch = 'main',
  requested = 1,
): Promise<Stack> {
  const held = await heldStack(store, project, number, { branch, now: minute(requested) });
  if (!(await holdChanges(store).release(held, minute(requested))))
    throw new Error(`stack ${number} stayed held`);
  return found(await store.stacks.get(project, number));
}

export function newTicket(
  project: ProjectId,
  holder: Holder,
  change: Partial<Ticket> = {},
): Omit<Ticket, 'number'> {
  return {
    projectId: project,
    holder: holder,
    branch: 'main',
    asked: minute(1),
    expires: minute(10),
    ...change,
  };
}

const spec: RunSpec = {
  suite: 'unit',
  source: { kind: 'git', url: 'https://git.example/owner/repo.git', ref: 'refs/heads/main' },
  branch: 'main',
  command: 'npm test',
  env: { LEVEL: 'debug' },
  secrets: { TOKEN: '/berth/token' },
  cpuUnits: 512,
  memoryMib: 1024,
  timeoutSeconds: 300,
  junit: ['**/junit.xml'],
  artifacts: [],
  retries: 0,
  untrusted: false,
};

export function newRun(
  project: ProjectId,
  change: Partial<Omit<Run, 'spec'>> = {},
  specChange: Partial<RunSpec> = {},
): Run {
  return {
    id: runId(`run-${randomUUID()}`),
    projectId: project,
    spec: { ...spec, ...specChange },
    trigger: { kind: 'api', actor: 'alice' },
    state: 'queued',
    revision: 1,
    attempt: 1,
    createdAt: minute(1),
    updatedAt: minute(1),
    stateSince: minute(1),
    dueAt: minute(1),
    launches: 0,
    phases: [],
    ...change,
  };
}

export function newDelivery(change: Partial<Delivery> = {}): Delivery {
  return {
    id: randomUUID(),
    name: 'push',
    receivedAt: minute(1),
    dueAt: minute(1),
    payload: '{"ref":"refs/heads/main"}',
    attempts: 0,
    ...change,
  };
}

/** The value, where there has to be one. */
export function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('expected a value, found none');
  return value;
}

/** `count` calls that all start before the first of them ends. */
export function atOnce<Value>(count: number, call: (index: number) => Promise<Value>): Promise<Value[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)));
}
