import type { z } from 'zod';
import type * as action from '../../../action/berth-api.ts';
import type { errorSchema } from '../../../app/http/schemas/error.ts';
import type { runRequestSchema } from '../../../app/http/schemas/run-request.ts';
import type {
  heldStackSchema,
  placeInLineSchema,
  requestStackSchema,
} from '../../../app/http/schemas/stack.ts';
import type {
  workflowSchema,
  workflowStartedSchema,
  workflowStatusSchema,
} from '../../../app/http/schemas/workflow.ts';

/** Compiles where everything of type `Given` can be used as a `Wanted`. */
type Fits<Wanted, Given extends Wanted> = [Wanted, Given];

/**
 * What the server gives is what the action reads, and what the action sends is what the server takes. A difference is a
 * compile error here, and the action is bundled without the server's schemas.
 */
export type Contract = [
  Fits<action.Workflow, z.output<typeof workflowSchema>>,
  Fits<action.WorkflowStatus, z.output<typeof workflowStatusSchema>>,
  Fits<action.WorkflowStarted, z.output<typeof workflowStartedSchema>>,
  Fits<action.HeldStack, z.output<typeof heldStackSchema>>,
  Fits<action.PlaceInLine, z.output<typeof placeInLineSchema>>,
  Fits<{ code: string; message: string; hint?: string | undefined }, z.output<typeof errorSchema>>,
  Fits<Loose<z.input<typeof runRequestSchema>>, action.WorkflowRequest>,
  Fits<Loose<z.input<typeof requestStackSchema>>, action.StackRequest>,
];

/** Lists that are only read may be given as lists that may be written. */
type Loose<T> = {
  readonly [Key in keyof T]: T[Key] extends (infer Item)[] | undefined ? readonly Item[] | undefined : T[Key];
};
