import type { LogLine } from '../../ports/logs.ts';

export function logLineView({ at, text }: LogLine): { text: string; at?: string } {
  return at === undefined ? { text } : { text, at: at.toISOString() };
}
