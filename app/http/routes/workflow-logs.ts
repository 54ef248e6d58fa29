import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { accepts } from 'hono/accepts';
import { BerthError } from '../../core/model/errors.ts';
import type { Run } from '../../core/model/run.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import type { OfRun } from '../auth/access.ts';
import { followLog, lineForms, logLineView } from '../follow-log.ts';
import type { HttpEnv } from '../http-env.ts';
import { logFeeds } from '../log-feed.ts';
import { moment, serverSentEvent } from '../schemas/text.ts';
import { streamOf } from '../stream-of.ts';
import { workflowUrl } from '../views/workflow-view.ts';
import { workflowRead } from './route-kinds.ts';

const forms = ['application/json', 'text/event-stream', 'text/plain'];

const logPageSchema = z
  .object({
    lines: z.array(z.object({ text: z.string(), at: moment.optional() })),
    cursor: z
      .string()
      .openapi({ description: 'The cursor of the next page, even if this page has no lines.' }),
    complete: z.boolean().openapi({ description: 'The workflow has ended, and these are its last lines.' }),
  })
  .openapi('LogPage');

/** `GET /workflow/{id}/logs`: pages, a live stream, or the whole text. */
export function addWorkflowLogRoutes(api: Api): void {
  const join = logFeeds(api.deps);
  addEndpoint(
    api,
    {
      ...workflowRead,
      id: 'getWorkflowLogs',
      path: '/workflow/{id}/logs',
      summary: 'Read or follow the log',
      description:
        '`Accept: application/json` gives a page; `text/event-stream` follows live (events `log`, `state`, `end`; `Last-Event-ID` or `cursor` resumes); `text/plain` returns the log so far, or, if a response must be shorter, as much as fits, with the URL of the rest as its last line.',
      query: z.object({
        cursor: z.string().min(1).max(2048).optional(),
        format: z.enum(['json', 'text', 'raw']).optional().openapi({
          description:
            'For links, which cannot send `Accept`: `text` downloads the whole text, `raw` shows it in the browser, `json` is a page.',
        }),
        service: z.string().max(100).optional().openapi({
          description: 'The log of this service of the workflow, instead of the log of its commands.',
          example: 'db',
        }),
        limit: z.coerce.number().int().min(1).max(10_000).default(1000),
        lines: z.enum(lineForms).default('objects').openapi({
          description:
            'The form of the event `log`: `objects` is `{lines: [{text, at?}]}`. `text` is `{text, times?}` with one string, each line with its line feed; `times` lists `[index of a line, time]` where the time changes.',
        }),
      }),
      errors: ['run_not_found', 'cursor_invalid', 'invalid_request'],
      responses: {
        200: {
          description: 'The log, in the form that `Accept` names.',
          content: {
            'application/json': { schema: logPageSchema },
            'text/event-stream': { schema: serverSentEvent },
            'text/plain': { schema: z.string() },
          },
        },
      },
    },
    async (c, { target: { run, caller }, query: { cursor, limit, format, lines, service } }) => {
      refuseUnknownService(run, service);
      const log = { run, service };
      if (format === 'text') return download(c, api, log, cursor, 'attachment');
      if (format === 'raw') return download(c, api, log, cursor);
      c.header('Vary', 'Accept');
      const wanted = accepts(c, { header: 'Accept', supports: forms, default: 'application/json' });
      switch (format === 'json' ? 'application/json' : wanted) {
        case 'text/event-stream':
          return follow(
            c,
            api,
            { run, caller, service },
            c.req.header('last-event-id') || cursor,
            lines,
            () => join(run.id, service),
          );
        case 'text/plain':
          return download(c, api, log, cursor);
        default: {
          const page = await api.deps.logs.read(run, cursor, limit, service);
          return c.json({ ...page, lines: page.lines.map(logLineView) } satisfies z.output<
            typeof logPageSchema
          >);
        }
      }
    },
  );
}

/** The log of a run, or of one of its services. */
interface LogOfRun {
  readonly run: Run;
  readonly service: string | undefined;
}

function refuseUnknownService({ spec }: Run, service: string | undefined): void {
  const names = (spec.services ?? []).map(({ name }) => name);
  if (service === undefined || names.includes(service)) return;
  throw new BerthError('invalid_request', `This workflow has no service ${JSON.stringify(service)}.`, {
    hint: names.length === 0 ? 'It has none.' : `It has: ${names.join(', ')}.`,
    details: [{ path: 'service', message: 'is not a service of this workflow' }],
  });
}

async function follow(
  c: Context<HttpEnv>,
  api: Api,
  { run, caller, service }: OfRun & Pick<LogOfRun, 'service'>,
  cursor: string | undefined,
  lines: (typeof lineForms)[number],
  join: Parameters<typeof followLog>[1],
): Promise<Response> {
  // Refuse an invalid cursor while the response can still carry a status.
  if (cursor !== undefined) await api.deps.logs.read(run, cursor, 1, service);
  const access = { until: caller.validUntil, isAllowed: () => api.mayStillSee(c, run.projectId) };
  return c.body(
    streamOf((signal) => followLog(api.deps, join, cursor, signal, access, lines), api.deps.log),
    200,
    {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // Otherwise nginx buffers answers, and a live log arrives in chunks.
      'X-Accel-Buffering': 'no',
    },
  );
}

async function download(
  c: Context<HttpEnv>,
  api: Api,
  log: LogOfRun,
  cursor: string | undefined,
  disposition: 'inline' | 'attachment' = 'inline',
): Promise<Response> {
  const { run, service } = log;
  const first = await api.deps.logs.read(run, cursor, linesPerRead, service);
  const name = service === undefined ? run.id : `${run.id}.${service}`;
  return c.body(
    streamOf(() => wholeLog(api, log, first), api.deps.log),
    200,
    {
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Disposition': `${disposition}; filename="${name}.log"`,
    },
  );
}

const linesPerRead = 5000;

/**
 * Ends at the current end of the log: otherwise a log that grows faster than it is read would never end. If answers are
 * sent whole, it may end earlier, after a page, with a line that names the address of the rest.
 */
async function* wholeLog(
  api: Api,
  { run, service }: LogOfRun,
  first: Awaited<ReturnType<Api['deps']['logs']['read']>>,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let room = api.deps.limits.wholeAnswers?.maxBytes;
  let page = first;
  let from: string | undefined;
  for (;;) {
    const text = page.lines.map((line) => `${line.text}\n`).join('');
    if (room !== undefined) {
      // A Lambda response is JSON, where the escape character of a color takes six bytes.
      room -= Buffer.byteLength(JSON.stringify(text));
      // The first page is sent whatever its length, or no client would get further: CloudWatch returns 1 MB at most.
      if (room < 0 && from !== undefined) {
        yield encoder.encode(`[berth] The log continues: ${restUrl(api, { run, service }, from)}\n`);
        return;
      }
    }
    if (text !== '') yield encoder.encode(text);
    from = page.cursor;
    page = await api.deps.logs.read(run, from, linesPerRead, service);
    // CloudWatch sometimes returns a page without lines. Only an unchanged cursor means that there are no more.
    if (page.lines.length === 0 && page.cursor === from) return;
  }
}

function restUrl(api: Api, { run, service }: LogOfRun, cursor: string): string {
  const query = omitUndefined({ format: 'text', cursor, service });
  return workflowUrl(api.deps, run, `/logs?${new URLSearchParams(query)}`);
}
