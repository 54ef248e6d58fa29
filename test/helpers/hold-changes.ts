import {
  type AcquireParams,
  deployNoted,
  type Handover,
  type HolderRecord,
  handedOver,
  newStack,
  released,
  taken,
  tornDown,
  turnEnded,
} from '../../app/core/model/hold.ts';
import type { Holder, ProjectId, RunId } from '../../app/core/model/ids.ts';
import { unlessLost } from '../../app/core/model/retry-lost-race.ts';
import {
  hasExpired,
  isAvailable,
  mayBeTaken,
  type Stack,
  wantsTeardown,
} from '../../app/core/model/stack.ts';
import type { StackDeploy } from '../../app/core/model/stack-deploy.ts';
import { changeStack, renewHold } from '../../app/core/stacks/change-stack.ts';
import { reserve } from '../../app/core/stacks/holder-records.ts';
import type { Store } from '../../app/ports/store.ts';

/** True if the stack has the hold with `token`, and no run is active on it. */
function isIdleHold(stack: Stack, token: number): boolean {
  return stack.hold !== undefined && stack.token === token && stack.activeRuns.length === 0;
}

/** The changes of holds, each by the rules of the core and one write of the store. */
export function holdChanges({ stacks, holders }: Pick<Store, 'stacks' | 'holders'>) {
  return {
    take: async (seen: Stack, params: AcquireParams) =>
      mayBeTaken(seen, params.now) ? unlessLost(() => stacks.save(taken(seen, params), seen)) : undefined,
    create: (projectId: ProjectId, number: number, stackName: string, params: AcquireParams) =>
      unlessLost(() => stacks.save(newStack({ projectId, number, stackName }, params), undefined)),
    async renew(projectId: ProjectId, number: number, params: AcquireParams, token?: number) {
      const renewal = await renewHold(stacks, { projectId, number }, params, token);
      return renewal.kind === 'held' ? renewal.stack : renewal.kind;
    },
    leave: (projectId: ProjectId, number: number, run: RunId, times: { now: Date; reclaimAt?: Date }) =>
      changeStack(stacks, { projectId, number }, (stack) => turnEnded(stack, run, times)),
    async release(seen: Stack, now: Date, options: { expired?: boolean } = {}) {
      const stack = await changeStack(stacks, seen, (current) =>
        isIdleHold(current, seen.token) &&
        !wantsTeardown(tornDown(current)) &&
        (options.expired !== true || hasExpired(current, now))
          ? released(tornDown(current), now)
          : undefined,
      );
      return stack !== undefined;
    },
    transferHold: (seen: Stack, now: Date, to: Handover) =>
      unlessLost(async () =>
        isIdleHold(seen, seen.token) ? stacks.save(handedOver(seen, now, to), seen) : undefined,
      ),
    setLastDeployedCommit: (projectId: ProjectId, number: number, lastDeployedCommit: string, now: Date) =>
      changeStack(stacks, { projectId, number }, (stack) => ({
        ...stack,
        lastDeployedCommit,
        modified: now,
      })),
    noteDeploy: (
      at: { readonly projectId: ProjectId; readonly number: number; readonly token: number },
      name: string,
      deploy: StackDeploy,
      now: Date,
    ) =>
      changeStack(stacks, { projectId: at.projectId, number: at.number }, (stack) =>
        stack.hold !== undefined && stack.token === at.token
          ? deployNoted(stack, name, deploy, now)
          : undefined,
      ),
    delete: async (seen: Stack) =>
      (isAvailable(seen) && (await unlessLost(() => stacks.delete(seen).then(() => true)))) ?? false,
    checkLater: (seen: Stack, checkAt: Date) =>
      changeStack(stacks, seen, (stack) => (stack.hold === undefined ? undefined : { ...stack, checkAt })),
    reserve: (projectId: ProjectId, holder: Holder, stackNumber: number, seen: HolderRecord | undefined) =>
      unlessLost(() => reserve(holders, projectId, { holder, stackNumber }, seen)),
  };
}
