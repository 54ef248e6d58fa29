import type { ErrorStyle } from '../http-env.ts';

/** The exact text for a request that breaks the schema (CONTRACTS, Stacks). */
export const stackErrors: ErrorStyle = { invalid: 'Event object failed validation' };
