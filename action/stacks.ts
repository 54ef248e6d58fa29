import { adaptivePause } from './adaptive-pause.ts';
import { ApiError } from './api-error.ts';
import type { HeldStack, StackRequest } from './berth-api.ts';
import type { Client } from './client.ts';
import type { Host } from './host.ts';
import { setAll } from './outputs.ts';
import type { RequestStackSettings, StackChoice } from './settings.ts';
import type { StateWriter } from './step-state.ts';

export interface StackDeps {
  readonly client: Client;
  readonly host: Host;
  readonly state: StateWriter;
  readonly signal: AbortSignal;
}

/**
 * While a step waits, what it is given goes back by itself after this time: a step that was killed in line would hold
 * a stack for ever otherwise.
 */
const leaseWhileWaitingSeconds = 300;

/** Takes a stack, and tells the steps that follow. @returns why the step fails; undefined where it does not. */
export async function takeStack(
  deps: StackDeps,
  settings: RequestStackSettings,
): Promise<string | undefined> {
  const { client, host, state } = deps;
  const holder = settings.holder ?? `github-actions-${host.secret().slice(0, 24)}`;
  const lease = settings.leaseSeconds === undefined ? {} : { leaseSeconds: settings.leaseSeconds };
  const wish = { branch: settings.branch, holder, wait: settings.waitForStack !== false };
  state.inLine({ branch: settings.branch, holder });
  const waited = await waitForStack(deps, wish, settings);
  if (waited === undefined) return 'No stack is free, and wait-for-stack does not let this step wait longer.';
  // Ours for good, or for as long as the step wants it.
  const held = await client.requestStack({ ...wish, ...lease });
  if (!isHeld(held)) return 'The stack was lost while it was being taken: run the job again.';

  if (settings.releaseAtEnd) state.stackToRelease({ stackName: held.stackName, lockToken: held.lockToken });
  state.inLine(undefined);
  state.stackOfJob({ ...held, holder });
  setAll(host, {
    'stack-name': held.stackName,
    holder,
    'lock-token': held.lockToken,
    'last-deployed-commit': held.lastDeployedCommit,
    'is-new': waited.isNew,
  });
  const deployed = held.lastDeployedCommit === undefined ? 'nothing' : held.lastDeployedCommit;
  host.info(`Stack ${held.stackName} is held for ${settings.branch}. Deployed to it: ${deployed}.`);
  return undefined;
}

/** @returns undefined where none came free in time. @throws Cancelled when the workflow is. */
async function waitForStack(
  { client, host, signal }: StackDeps,
  wish: StackRequest,
  settings: RequestStackSettings,
): Promise<HeldStack | undefined> {
  const begun = host.now();
  const limitMs =
    typeof settings.waitForStack === 'number' ? settings.waitForStack * 1000 : Number.POSITIVE_INFINITY;
  const nextPause = adaptivePause();
  let position: number | undefined;
  for (;;) {
    const answer = await ask(client, { ...wish, leaseSeconds: leaseWhileWaitingSeconds }, signal);
    if (answer === undefined || isHeld(answer)) return answer;
    const hasMoved = answer.position !== position;
    if (hasMoved) host.info(`No stack is free: number ${answer.position} in line.`);
    position = answer.position;
    const left = limitMs - (host.now() - begun);
    if (left <= 0) return undefined;
    await host.pause(Math.min(nextPause(hasMoved), left), signal);
  }
}

async function ask(client: Client, request: StackRequest, signal?: AbortSignal) {
  try {
    return await client.requestStack(request, signal === undefined ? {} : { signal });
  } catch (error) {
    if (error instanceof ApiError && error.code === 'stack_none_free') return undefined;
    throw error;
  }
}

function isHeld(answer: object): answer is HeldStack {
  return 'stackName' in answer;
}

/** Gives a stack back. That it went to somebody else in the meantime is no error: there is nothing left to give. */
export async function releaseStack(
  { client, host, state }: StackDeps,
  { stackName, lockToken }: StackChoice,
) {
  try {
    await client.releaseStack({ stackName, ...(lockToken === undefined ? {} : { lockToken }) });
    host.info(`Stack ${stackName} is released.`);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'stack_token_stale')) throw error;
    host.info(`Stack ${stackName} is not held by this job any more.`);
  }
  state.stackOfJob(undefined);
  setAll(host, { 'stack-name': stackName });
}

/** Notes what was deployed to a stack. */
export async function noteDeployment(
  { client, host }: StackDeps,
  { stackName, lockToken, commit }: StackChoice & { readonly commit: string },
): Promise<void> {
  const token = lockToken === undefined ? {} : { lockToken };
  await client.setLastDeployedCommit({ stackName, lastDeployedCommit: commit, ...token });
  host.info(`${commit} is noted as deployed to stack ${stackName}.`);
  setAll(host, { 'stack-name': stackName, 'last-deployed-commit': commit });
}

/** Leaves nothing behind of a step that was stopped while it waited: neither a place in line nor a stack. */
export async function giveUpWaiting(
  { client, host }: Pick<StackDeps, 'client' | 'host'>,
  request: Pick<StackRequest, 'branch' | 'holder'>,
): Promise<void> {
  const answer = await ask(client, { ...request, wait: false, leaseSeconds: 1 });
  if (answer === undefined || !isHeld(answer)) return;
  await client.releaseStack({ stackName: answer.stackName, lockToken: answer.lockToken });
  host.info(`Stack ${answer.stackName}, which came too late, is released.`);
}
