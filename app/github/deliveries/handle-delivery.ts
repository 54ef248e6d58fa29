import type { Deps } from '../../core/deps.ts';
import { BerthError, TryLater } from '../../core/model/errors.ts';
import { isPassing } from '../../core/runs/start-run.ts';
import { later } from '../../lib/later.ts';
import { withTimeLimit } from '../../lib/time-limit.ts';
import type { ArrivedDelivery, Delivery } from '../../ports/store.ts';

/** Carries an event out. May be called again for the same event, after a crash in the middle of it. */
export type Dispatch = (event: ArrivedDelivery) => Promise<void>;

type DeliveryDeps = Pick<Deps, 'store' | 'objects' | 'clock' | 'log' | 'policy'> & {
  readonly dispatch: Dispatch;
};

/** After this long, Berth gives up on a failing event. The comparison (`catch-up.ts`) finds what it was about. */
const maxAttempts = 15;
const weekSeconds = 7 * 24 * 3600;
/** While GitHub is down. An event is handled within a minute after GitHub is back. */
const outageSeconds = 30;
/** GitHub's rate limits can make one event wait for minutes. */
const timeLimitSeconds = 300;
/** Less than the time limit of a function on AWS, so that the event is stored before the function is stopped. */
const messageTimeLimitSeconds = 45;

/**
 * Handles an accepted event. An event that fails is retried after GitHub's hint or with a growing delay. The attempt is
 * counted first, so that Berth also gives up on an event that crashes the process each time.
 *
 * @returns false if it must be retried.
 */
export async function handleDelivery(deps: DeliveryDeps, id: string): Promise<boolean> {
  const { deliveries } = deps.store;
  const known = await deliveries.get(id);
  if (known === undefined) return true;
  const wait = Math.max(deps.policy.followUpSeconds, backoffSeconds(known.attempts));
  if (!(await deliveries.begin(known, later(deps.clock.now(), wait)))) return true;
  const delivery = { ...known, attempts: known.attempts + 1 };
  try {
    if (delivery.attempts > maxAttempts) throw new Error('No attempt to handle the event finished.');
    const payload = await payloadOf(deps, delivery);
    if (payload !== undefined) {
      await withTimeLimit(timeLimitSeconds, () => deps.dispatch({ id, name: delivery.name, payload }));
    }
  } catch (error) {
    const { isGone, isWaiting } = judge(error);
    if (!isGone && (isWaiting || delivery.attempts < maxAttempts)) {
      await postpone(deps, delivery, error, isWaiting);
      return false;
    }
    // Late events of an installation that was removed are expected.
    deps.log[isGone ? 'info' : 'error'](
      { delivery: id, event: delivery.name, err: error },
      'an event was dropped',
    );
  }
  // Kept for longer than GitHub redelivers events, so that a redelivery is recognized.
  await deliveries.done(id, later(deps.clock.now(), weekSeconds));
  if (delivery.payloadKey !== undefined) await deps.objects.delete(delivery.payloadKey);
  return true;
}

/**
 * Handles an event that is not stored. One that fails is stored, and tried again as others are. Until then the queue has it,
 * which delivers it again after a crash, and counts how often.
 *
 * @throws Error if it failed, and its ID is known already.
 */
export async function handleEvent(deps: DeliveryDeps, event: ArrivedDelivery): Promise<void> {
  try {
    await withTimeLimit(messageTimeLimitSeconds, () => deps.dispatch(event));
  } catch (error) {
    const { isGone, isWaiting } = judge(error);
    const about = { delivery: event.id, event: event.name, err: error };
    if (isGone) return deps.log.info(about, 'an event was dropped');
    const dueAt = retryAt(deps, about, 1, isWaiting);
    const receivedAt = deps.clock.now();
    const attempts = isWaiting ? 0 : 1;
    if (!(await deps.store.deliveries.record({ ...event, receivedAt, dueAt, attempts }))) throw error;
  }
}

function judge(error: unknown): { isGone: boolean; isWaiting: boolean } {
  const causes = causesOf(error);
  return {
    isGone: causes.some((one) => one instanceof BerthError && one.code === 'project_suspended'),
    // A wait that GitHub requests is not an attempt and never ends an event. Neither does an outage, nor a limit of Berth.
    isWaiting: causes.some((one) => one instanceof TryLater || isPassing(one) || isOutage(one)),
  };
}

/** Octokit also reports a failed connection as a 500. */
function isOutage(error: unknown): boolean {
  return error instanceof Error && 'status' in error && Number(error.status) >= 500;
}

function backoffSeconds(attempts: number): number {
  return Math.min(900, 2 ** attempts);
}

async function postpone(
  deps: DeliveryDeps,
  { id, name, attempts }: Delivery,
  error: unknown,
  isWaiting: boolean,
): Promise<void> {
  const at = retryAt(deps, { delivery: id, event: name, err: error }, attempts, isWaiting);
  const reason = error instanceof Error ? error.message : String(error);
  await deps.store.deliveries.postpone(id, at, reason, { isWaiting });
}

function retryAt(
  { clock, log }: Pick<DeliveryDeps, 'clock' | 'log'>,
  about: { readonly delivery: string; readonly event: string; readonly err: unknown },
  attempts: number,
  isWaiting: boolean,
): Date {
  const hint = causesOf(about.err).find((one) => one instanceof TryLater);
  // A wait that GitHub requests is not a failure; anything else needs attention.
  if (hint === undefined) log.warn(about, 'an event failed; it will be retried');
  return hint?.at ?? later(clock.now(), isWaiting ? outageSeconds : backoffSeconds(attempts));
}

/** An error and its inner errors: the dispatcher collects and wraps what handlers throw. */
function causesOf(error: unknown): readonly unknown[] {
  if (error instanceof AggregateError) return [error, ...error.errors.flatMap(causesOf)];
  if (error instanceof Error && error.cause !== undefined) return [error, ...causesOf(error.cause)];
  return [error];
}

async function payloadOf(deps: DeliveryDeps, delivery: Delivery): Promise<string | undefined> {
  if (delivery.payloadKey === undefined) return delivery.payload;
  const object = await deps.objects.get(delivery.payloadKey);
  return object === undefined ? undefined : await new Response(object.body).text();
}
