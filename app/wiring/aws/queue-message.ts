import type { RunId } from '../../core/model/ids.ts';
import type { ArrivedDelivery } from '../../ports/store.ts';

/** A message that Berth writes into its queue. */
export type QueueMessage =
  | { readonly kind: 'run'; readonly runId: RunId }
  /** A stored event. */
  | { readonly kind: 'delivery'; readonly id: string }
  /** An event that is not stored. */
  | ({ readonly kind: 'event' } & ArrivedDelivery);
