import { z } from 'zod';
import type { ArrivedDelivery } from '../../ports/store.ts';
import { pullRequestActions } from './on-pull-request.ts';

const installations = ['installation', 'installation_repositories', 'repository'];
const suites = ['check_suite.requested', 'check_suite.rerequested'];
const runs = ['check_run.rerequested', 'check_run.requested_action'];
const pullRequests = pullRequestActions.map((action) => `pull_request.${action}`);
const groups = ['merge_group.checks_requested', 'merge_group.destroyed'];

/** The events, or single actions of events, that the App handles. A test compares it with what the App registers. */
export const handledEvents: ReadonlySet<string> = new Set([
  'push',
  'delete',
  'issue_comment.created',
  ...pullRequests,
  ...runs,
  ...suites,
  ...groups,
  ...installations,
]);

/**
 * GitHub sends more events than Berth needs: one for each check run that Berth creates or concludes. Berth acknowledges
 * and drops those, because storing and handling them would be a third of the cost of a run.
 */
export function isHandled({ name, payload }: Pick<ArrivedDelivery, 'name' | 'payload'>): boolean {
  if (handledEvents.has(name)) return true;
  const action = actionOf(payload);
  return action === unreadable || handledEvents.has(`${name}.${action}`);
}

/**
 * Whether an event only says what to look at. It may be handled twice, so that no record has to tell whether it was;
 * the others are commands of people.
 */
export function isLevel({ name, payload }: Pick<ArrivedDelivery, 'name' | 'payload'>): boolean {
  if (name === 'check_suite') return actionOf(payload) === 'requested';
  return name === 'push' || name === 'pull_request' || name === 'delete';
}

const unreadable = Symbol('no JSON');

/** An unreadable payload is reported by its handler. */
function actionOf(payload: string): string | typeof unreadable | undefined {
  try {
    return z.object({ action: z.string() }).safeParse(JSON.parse(payload)).data?.action;
  } catch {
    return unreadable;
  }
}
