import type { Run } from '../core/model/run.ts';
import type { Stack } from '../core/model/stack.ts';

export type BerthEvent =
  | { readonly type: 'RunStarted' | 'RunFinished'; readonly run: Run }
  | { readonly type: 'StackHeld' | 'StackReleased'; readonly stack: Stack };

/** Berth's own events, for whoever listens. At least once; never in the way of a run. */
export interface Events {
  publish(event: BerthEvent): Promise<void>;
}
