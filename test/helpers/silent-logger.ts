import type { Logger } from '../../app/ports/logger.ts';

export const silentLogger: Logger = { info: () => {}, warn: () => {}, error: () => {} };
