import type { StoreClockDeps } from '../deps.ts';
import type { HolderRecord } from '../model/hold.ts';
import type { RunId } from '../model/ids.ts';
import { isActive, type Run } from '../model/run.ts';
import { isReserved, type Stack, type Ticket } from '../model/stack.ts';

/**
 * Whether something that is active explains a hold. A hold without an explanation is a leak, regardless of its holder: the sweep
 * releases it.
 *
 * @param stack without the turns of runs that have ended.
 * @param live the active runs of its project, read after the stack.
 * @param record of its holder.
 * @param isBranchOpen whether the holder is a branch with an open pull request, or one that was not looked at yet.
 */
export function explainsHold(
  stack: Stack,
  live: readonly Run[],
  record: HolderRecord | undefined,
  now: Date,
  isBranchOpen: boolean,
): boolean {
  const { hold } = stack;
  if (stack.activeRuns.length > 0) return true;
  if (hold === undefined) return false;
  if (isReserved(stack, now)) return true;
  const isWanted = live.some((run) => run.spec.stack?.holder === hold.holder);
  if (hold.teardownOf !== undefined) return isWanted;
  if (hold.leaseUntil !== undefined) return hold.leaseUntil > now;
  // Closed, or at another stack: this acquisition came too late.
  if (record?.closed !== undefined || isElsewhere(record, stack)) return false;
  return isWanted || isClient(hold.holder) || (hold.kept === true && isBranchOpen);
}

function isElsewhere(record: HolderRecord | undefined, stack: Stack): boolean {
  return record?.stackNumber !== undefined && record.stackNumber !== stack.number;
}

/** A client that gave no lease holds its stack until it releases it. */
function isClient(holder: string): boolean {
  return holder.startsWith('api:') || holder.startsWith('request:');
}

/** A run explains its turn on a stack while it is active and has no other hold. */
export function explainsTurn(run: Run | undefined, stack: Stack): boolean {
  if (run === undefined || !isActive(run)) return false;
  const { held } = run;
  return held === undefined || (held.stackName === stack.stackName && held.token === stack.token);
}

/** A client explains its ticket by renewing it before it expires; a run, by waiting. */
export async function explainsTicket(
  deps: StoreClockDeps,
  { runId, expires }: Pick<Ticket, 'expires'> & { readonly runId?: RunId },
): Promise<boolean> {
  if (expires <= deps.clock.now()) return false;
  if (runId === undefined) return true;
  const run = await deps.store.runs.get(runId);
  return run !== undefined && (run.state === 'queued' || run.state === 'waiting');
}
