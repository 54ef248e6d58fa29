/** A program that the tests need is not available. The message says how to install it. */
export class Missing extends Error {}
