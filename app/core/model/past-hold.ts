import type { Holder } from './ids.ts';
import type { Stack } from './stack.ts';

/** A commit that was deployed to a stack, and when. */
export interface Deployment {
  readonly commit: string;
  readonly at: Date;
}

/** A hold in the history of a stack, identified by its token. */
export interface PastHold {
  readonly token: number;
  readonly holder: Holder;
  readonly branch: string;
  readonly since: Date;
  /** If omitted, the hold lasts. */
  readonly until?: Date;
  /** Oldest first. */
  readonly deployments: readonly Deployment[];
}

/**
 * Returns the history of a stack, latest first. The record of an active hold may have an end that did not take
 * place: the stack itself is authoritative.
 */
export function holdsOf(stack: Stack, noted: readonly PastHold[]): readonly PastHold[] {
  const past = noted.filter(({ token }) => token < stack.token || stack.hold === undefined);
  const { hold, token, branch } = stack;
  if (hold === undefined) return past;
  const deployments = noted.find((one) => one.token === token)?.deployments ?? [];
  return [{ token, holder: hold.holder, branch, since: hold.since, deployments }, ...past];
}
