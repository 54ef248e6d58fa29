import type { StoreClockDeps } from '../deps.ts';
import type { PastHold } from '../model/hold.ts';
import { type Project, stackLimitOf } from '../model/project.ts';
import type { Stack } from '../model/stack.ts';

/** How many stacks, and holds of each, are read: enough for a median. */
const stacksRead = 5;
const holdsRead = 20;

/** Later positions get the estimate of the last of these. */
const mostPlaces = 500;

/**
 * Estimates how long the first `count` tickets in the queue wait, from the median duration of recent holds.
 *
 * @returns seconds for each ticket, in order; empty if there is no history yet.
 */
export async function estimateWaits(
  { store, clock }: StoreClockDeps,
  project: Project,
  count: number,
): Promise<readonly number[]> {
  if (count === 0) return [];
  const stacks = await store.stacks.list(project.id);
  const latest = [...stacks].sort((a, b) => +b.lastRequested - +a.lastRequested).slice(0, stacksRead);
  const histories = await Promise.all(latest.map(({ number }) => store.holds.list(project.id, number)));
  const durations = latest.flatMap((stack, index) => secondsOfHolds(stack, histories[index] ?? []));
  const medianSeconds = median(durations);
  if (medianSeconds === undefined) return [];
  const places = Math.min(count, mostPlaces);
  return simulate(stacks, medianSeconds, {
    count: places,
    now: clock.now(),
    limit: stackLimitOf(project.settings),
  });
}

/** An active hold may have a recorded end that did not take place. */
function secondsOfHolds({ token, hold }: Stack, holds: readonly PastHold[]): number[] {
  return holds
    .filter((one) => hold === undefined || one.token < token)
    .slice(0, holdsRead)
    .flatMap(({ since, until }) => (until === undefined ? [] : [(+until - +since) / 1000]));
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Each ticket gets the stack that becomes available first, and holds it for the median. */
function simulate(
  stacks: readonly Stack[],
  medianSeconds: number,
  { count, now, limit }: { readonly count: number; readonly now: Date; readonly limit: number },
): number[] {
  const availableIn = stacks.flatMap((stack) => secondsLeft(stack, medianSeconds, now));
  const missing = Math.min(Math.max(0, limit - stacks.length), count);
  for (let created = 0; created < missing; created += 1) availableIn.push(0);
  if (availableIn.length === 0) return [];
  return Array.from({ length: count }, () => {
    const first = Math.min(...availableIn);
    availableIn[availableIn.indexOf(first)] = first + medianSeconds;
    return Math.round(first);
  });
}

/** A hold that is older than the median may end at any time. A dirty stack has no known end. */
function secondsLeft({ hold, dirty, reservation }: Stack, medianSeconds: number, now: Date): number[] {
  if (dirty !== undefined && hold === undefined) return [];
  const held = hold === undefined ? 0 : Math.max(0, medianSeconds - (+now - +hold.since) / 1000);
  const reserved = reservation === undefined ? 0 : Math.max(0, (+reservation.until - +now) / 1000);
  return [Math.max(held, reserved)];
}
