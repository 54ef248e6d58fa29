import { z } from 'zod';
import { parseJson } from '../../../../app/lib/parse-json.ts';
import type { LineReader } from '../lines/line-reader.ts';
import { type CaseDraft, draftCase } from '../result-case.ts';
import { outcomeOf } from '../result-words.ts';

const eventSchema = z.object({
  type: z.literal('test'),
  event: z.enum(['ok', 'failed', 'ignored', 'timeout', 'started']),
  name: z.string(),
  exec_time: z.number().optional().catch(undefined),
  stdout: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});

/** The JSON lines of Rust's test harness: `cargo test -- -Z unstable-options --format json` */
export function createLibtestReader(): LineReader {
  const drafts: CaseDraft[] = [];
  let isLibtest = false;
  return {
    line(text) {
      if (!text.startsWith('{')) return;
      const event = eventSchema.safeParse(parseJson(text)).data;
      if (event === undefined) return;
      isLibtest = true;
      if (event.event === 'started') return;
      const parts = event.name.split('::');
      drafts.push({
        ...draftCase(parts.at(-1) ?? event.name, parts.slice(0, -1).join('::'), outcomeOf(event.event)),
        durationSeconds: event.exec_time ?? 0,
        message: event.message,
        trace: event.stdout ?? '',
      });
    },
    end: () => (isLibtest ? { tool: 'cargo test', drafts } : undefined),
  };
}
