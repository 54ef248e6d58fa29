import type { BudgetState } from '../core/model/budget.ts';
import type { ProjectId } from '../core/model/ids.ts';
import type { Run } from '../core/model/run.ts';
import type { Stack } from '../core/model/stack.ts';

export type BerthEvent =
  | { readonly type: 'RunStarted' | 'RunFinished'; readonly run: Run }
  | {
      readonly type: 'BudgetReached';
      readonly budget: BudgetState;
      /** If omitted, the budget of the installation. */
      readonly projectId?: ProjectId;
    }
  | { readonly type: 'StackHeld' | 'StackReleased' | 'StackDirty'; readonly stack: Stack };

/** Publishes Berth's events. A crash may repeat or lose one. */
export interface Events {
  publish(event: BerthEvent): Promise<void>;
}
