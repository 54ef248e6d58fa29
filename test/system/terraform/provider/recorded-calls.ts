import { AsyncLocalStorage } from 'node:async_hooks';
import http, { type ClientRequest, type RequestOptions } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';

/** A request to AWS, and the function that made it. */
export interface RecordedCall {
  readonly by: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

const caller = new AsyncLocalStorage<string>();
const calls: RecordedCall[] = [];

/** Returns the handler of a function whose requests are recorded under its name. */
export function recorded<Parameters extends readonly unknown[], Result>(
  name: string,
  handler: (...parameters: Parameters) => Promise<Result>,
): (...parameters: Parameters) => Promise<Result> {
  return (...parameters) => caller.run(name, () => handler(...parameters));
}

export const recordedCalls = (): readonly RecordedCall[] => calls;

/** Records requests of the AWS SDK from now on. To be called before the SDK is loaded. */
export function recordCalls(): void {
  const { request } = http;
  const recording = (options: RequestOptions, ...rest: readonly unknown[]): ClientRequest => {
    // The SDK gives options; the other forms are of no interest here.
    const made = Reflect.apply(request, http, [options, ...rest]) as ClientRequest;
    const by = caller.getStore();
    if (by !== undefined && typeof options === 'object') recordBody(made, by, options);
    return made;
  };
  http.request = recording as typeof http.request;
  syncBuiltinESMExports();
}

function recordBody(made: ClientRequest, by: string, options: RequestOptions): void {
  const chunks: Buffer[] = [];
  const keep = (chunk: unknown): void => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
  };
  for (const name of ['write', 'end'] as const) {
    const original = made[name].bind(made) as (...parameters: readonly unknown[]) => never;
    const wrapped = (...parameters: readonly unknown[]): never => {
      keep(parameters[0]);
      if (name === 'end') calls.push(callOf(by, options, Buffer.concat(chunks)));
      return original(...parameters);
    };
    Object.assign(made, { [name]: wrapped });
  }
}

function callOf(by: string, options: RequestOptions, body: Buffer): RecordedCall {
  const given = Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    by,
    method: options.method ?? 'GET',
    path: options.path ?? '/',
    headers: Object.fromEntries(given),
    body: body.toString(),
  };
}
