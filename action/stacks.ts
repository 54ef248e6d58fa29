import { ApiError } from '../app/client/api-error.ts';
import type { HeldStack, StackRequest } from '../app/client/api-types.ts';
import type { BerthApi } from '../app/client/berth-api.ts';
import { omitUndefined } from '../app/lib/omit-undefined.ts';
import { adaptivePause } from './adaptive-pause.ts';
import type { Host } from './host.ts';
import { setAll } from './outputs.ts';
import type { RequestStackSettings, StackChoice } from './settings-types.ts';
import type { StateWriter } from './step-state.ts';

export const noStack = 'No stack is available within the time that wait-for-stack allows.';

export interface StackDeps {
  readonly api: BerthApi;
  readonly host: Host;
  readonly state: StateWriter;
  readonly signal: AbortSignal;
}

type Request = StackRequest & { readonly branch: string; readonly holder: string };

/** The hold of a waiting step expires after this time, so that a killed step does not keep the stack. */
const leaseWhileWaitingSeconds = 300;

/** Acquires a stack for the steps that follow. @returns why the step fails; undefined if it passes. */
export async function acquireStack(
  deps: StackDeps,
  settings: RequestStackSettings,
): Promise<string | undefined> {
  const { api, host, state } = deps;
  const holder = settings.holder ?? `github-actions-${host.secret().slice(0, 24)}`;
  const request = { branch: settings.branch, holder, wait: settings.waitForStack !== false };
  state.queued({ branch: settings.branch, holder });
  const first = await waitForStack(deps, request, settings);
  if (first === undefined) return noStack;
  // Replaces the short lease with that of the step, or with none.
  const { leaseSeconds } = settings;
  const held = await api.requestStack(omitUndefined({ ...request, leaseSeconds }));
  if (!isHeld(held)) return 'The stack was lost while it was acquired. Run the job again.';

  if (settings.releaseAtEnd) state.stackToRelease({ stackName: held.stackName, lockToken: held.lockToken });
  state.queued(undefined);
  state.stackOfJob({ ...held, holder });
  setAll(host, {
    'stack-name': held.stackName,
    holder,
    'lock-token': held.lockToken,
    'last-deployed-commit': held.lastDeployedCommit,
    'is-new': first.isNew,
  });
  const deployed = held.lastDeployedCommit ?? 'nothing';
  host.info(`Stack ${held.stackName} is held for ${settings.branch}. Last deployed commit: ${deployed}.`);
  return undefined;
}

/** @returns undefined if no stack became available in time. @throws Cancelled when the workflow is canceled. */
async function waitForStack(
  { api, host, signal }: StackDeps,
  request: Request,
  settings: RequestStackSettings,
): Promise<HeldStack | undefined> {
  const startedAt = host.now();
  const limitMs =
    typeof settings.waitForStack === 'number' ? settings.waitForStack * 1000 : Number.POSITIVE_INFINITY;
  const nextPause = adaptivePause();
  let position: number | undefined;
  for (;;) {
    const answer = await requestStack(api, { ...request, leaseSeconds: leaseWhileWaitingSeconds }, signal);
    if (answer === undefined || isHeld(answer)) return answer;
    const hasMoved = answer.position !== position;
    if (hasMoved) host.info(`No stack is available. Position in the queue: ${answer.position}.`);
    position = answer.position;
    const leftMs = limitMs - (host.now() - startedAt);
    if (leftMs <= 0) return undefined;
    await host.pause(Math.min(nextPause(hasMoved), leftMs), signal);
  }
}

async function requestStack(api: BerthApi, request: Request, signal: AbortSignal) {
  try {
    return await api.requestStack(request, { signal });
  } catch (error) {
    if (error instanceof ApiError && error.code === 'stack_none_free') return undefined;
    throw error;
  }
}

function isHeld(answer: object): answer is HeldStack {
  return 'stackName' in answer;
}

/** Releases a stack. Does nothing if another holder already has it. */
export async function releaseStack(
  { api, host, state, signal }: StackDeps,
  { stackName, lockToken }: StackChoice,
): Promise<void> {
  try {
    await api.releaseStack(omitUndefined({ stackName, lockToken }), { signal });
    host.info(`Stack ${stackName} is released.`);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'stack_token_stale')) throw error;
    host.info(`This job no longer holds stack ${stackName}.`);
  }
  state.stackOfJob(undefined);
  setAll(host, { 'stack-name': stackName });
}

/** Records the commit that was deployed to a stack. */
export async function recordDeployment(
  { api, host, signal }: StackDeps,
  { stackName, lockToken, commit }: StackChoice & { readonly commit: string },
): Promise<void> {
  const deployment = { stackName, lastDeployedCommit: commit, lockToken };
  await api.setLastDeployedCommit(omitUndefined(deployment), { signal });
  host.info(`${commit} is recorded as deployed to stack ${stackName}.`);
  setAll(host, { 'stack-name': stackName, 'last-deployed-commit': commit });
}

/** Withdraws the request of a step that was stopped while it waited, and releases the stack if it got one in the meantime. */
export async function leaveQueue(
  { api, host, signal }: Pick<StackDeps, 'api' | 'host' | 'signal'>,
  request: Required<Pick<StackRequest, 'branch' | 'holder'>>,
): Promise<void> {
  const answer = await requestStack(api, { ...request, wait: false, leaseSeconds: 1 }, signal);
  if (answer === undefined || !isHeld(answer)) return;
  await api.releaseStack({ stackName: answer.stackName, lockToken: answer.lockToken }, { signal });
  host.info(`Stack ${answer.stackName} is released, since no step waits for it.`);
}
