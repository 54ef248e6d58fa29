import type { Logger } from '../ports/logger.ts';

/** A log that drops everything, where the command line shows the result. */
export const silentLog: Logger = { info() {}, warn() {}, error() {} };
