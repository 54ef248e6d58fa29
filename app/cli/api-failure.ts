import { z } from 'zod';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** An error as the API words it; older routes say `error`, or `message` with `details`. */
const refusalSchema = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  code: z.string().optional(),
  hint: z.string().optional(),
  details: z
    .union([z.string(), z.array(z.union([z.string(), z.object({ path: z.string(), message: z.string() })]))])
    .optional()
    .catch(undefined),
});
type Refusal = z.infer<typeof refusalSchema>;

/** Maps an error response of the API to the error that ends the command. */
export async function refusal(url: string, response: Response): Promise<CliError> {
  if (response.status >= 300 && response.status < 400) {
    const target = response.headers.get('location') ?? 'elsewhere';
    return new CliError('redirected', `${url} sends its clients on to ${target}.`, {
      exitCode: exitCodes.usage,
      hint: 'Set BERTH_URL to the address of the server itself.',
    });
  }
  const body = refusalSchema.safeParse(await response.json().catch(() => undefined)).data;
  const exitCode = response.status >= 500 ? exitCodes.serverError : exitCodes.refused;
  const hint = response.status === 401 ? keyHint : (hints[body?.code ?? ''] ?? body?.hint);
  return new CliError(
    body?.code ?? `http_${response.status}`,
    sentenceOf(url, response, body),
    omitUndefined({
      exitCode,
      hint,
    }),
  );
}

function sentenceOf(url: string, response: Response, body: Refusal | undefined): string {
  const said = body?.error ?? body?.message;
  if (said === undefined) {
    return `${url} answered with status ${response.status}, and not as a Berth server would.`;
  }
  const details = typeof body?.details === 'string' ? [body.details] : (body?.details ?? []);
  const places = details.map((detail) =>
    typeof detail === 'string'
      ? detail
      : detail.path === ''
        ? detail.message
        : `${detail.path}: ${detail.message}`,
  );
  return [said, ...places.filter((place) => !said.includes(place))].join('\n  ');
}

/** What to do, in commands: the hints of the server name routes and headers. */
const hints: Readonly<Record<string, string>> = {
  run_not_found: '`berth runs` lists the runs.',
  project_not_found: '`berth projects` lists the projects of your key.',
  stack_not_found: '`berth stacks` lists the stacks.',
  key_not_found: '`berth keys` lists the keys.',
  run_active: 'Wait until it ends, or cancel it with `berth cancel`.',
};

const keyHint =
  'Set BERTH_API_KEY to a key of this server: the first `berth serve` prints one, and `berth keys create` makes more.';

/** No server runs at the address, or it does not answer. */
export function unreachable(url: string, cause: unknown): CliError {
  const reason = reasonOf(cause);
  return new CliError(
    'unreachable',
    `No Berth server answers at ${url}${reason === '' ? '' : ` (${reason})`}.`,
    {
      exitCode: exitCodes.unreachable,
      hint: 'Start one with `berth serve`, or set BERTH_URL to the address of one that runs.',
      cause,
    },
  );
}

/** Something answers, but not as this version of the command line expects. */
export function unreadable(url: string, path: string, problem: z.ZodError): CliError {
  const place = problem.issues[0];
  const what =
    place === undefined ? '' : ` (${[place.path.join('.'), place.message].filter(Boolean).join(': ')})`;
  return new CliError('answer_unreadable', `The answer of ${url}/${path} cannot be read${what}.`, {
    exitCode: exitCodes.serverError,
    hint: 'Is BERTH_URL a Berth server, and of a version near to this one? `berth --version` tells this one.',
    cause: problem,
  });
}

const causeSchema = z.object({ code: z.string().optional(), message: z.string().optional() });

/** Finds the reason in the cause, because fetch itself says only `fetch failed`. */
function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'no answer in time';
  const cause = causeSchema.safeParse(error instanceof Error ? (error.cause ?? error) : undefined).data;
  if (cause?.code === 'ECONNREFUSED') return 'connection refused';
  if (cause?.code === 'ENOTFOUND') return 'no such host';
  return cause?.code ?? cause?.message ?? '';
}
