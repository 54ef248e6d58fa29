import type { Holder } from './ids.ts';
import type { Stack } from './stack.ts';

/** A commit that was deployed to a stack, and when. */
export interface Deployment {
  readonly commit: string;
  readonly at: Date;
}

/** A hold of a stack as its history tells it; the token says which. */
export interface PastHold {
  readonly token: number;
  readonly holder: Holder;
  readonly branch: string;
  readonly since: Date;
  /** Absent while it lasts. */
  readonly until?: Date;
  /** The oldest first. */
  readonly deployments: readonly Deployment[];
}

/**
 * The history of a stack, the latest first. What is noted of a hold that has not ended may be the beginnings of an end
 * that did not come about: the stack itself knows better.
 */
export function holdsOf(stack: Stack, noted: readonly PastHold[]): readonly PastHold[] {
  const past = noted.filter(({ token }) => token < stack.token || stack.hold === undefined);
  const { hold, token, branch } = stack;
  if (hold === undefined) return past;
  const deployments = noted.find((one) => one.token === token)?.deployments ?? [];
  return [{ token, holder: hold.holder, branch, since: hold.since, deployments }, ...past];
}
