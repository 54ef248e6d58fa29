import type { ErrorStyle } from '../http-env.ts';

/** What a request that breaks its schema is told, to the letter (CONTRACTS, Stacks). */
export const stackErrors: ErrorStyle = { invalid: 'Event object failed validation' };
