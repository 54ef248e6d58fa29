import type { MiddlewareHandler } from 'hono';

/** A failure of the next matching requests. */
export interface Fault {
  /** If omitted, any method. */
  readonly method?: string;
  readonly path: RegExp;
  /** How many requests it meets; the default is one. */
  times?: number;
  readonly response: FaultResponse;
}

/** `lost`: the request is performed, and the connection breaks before the response. */
export type FaultResponse =
  | 'lost'
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly message?: string;
    };

/** GitHub's response to a client that writes too fast. */
export const secondaryRateLimit = (retryAfterSeconds: number): FaultResponse => ({
  status: 403,
  headers: { 'retry-after': String(retryAfterSeconds) },
  message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
});

/** GitHub's response to a client whose hourly quota is exhausted. */
export const primaryRateLimit = (resetsAt: Date): FaultResponse => ({
  status: 403,
  headers: {
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Math.ceil(resetsAt.getTime() / 1000)),
  },
  message: 'API rate limit exceeded for installation ID 1.',
});

/** Responds with the first matching failure, up to its count. */
export function faultInjection(faults: Fault[]): MiddlewareHandler {
  return async (c, next) => {
    const fault = faults.find(
      (one) => (one.method === undefined || one.method === c.req.method) && one.path.test(c.req.path),
    );
    if (fault === undefined) return await next();
    fault.times = (fault.times ?? 1) - 1;
    if (fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
    if (fault.response === 'lost') {
      await next();
      // Hono's Node server gives the socket along; without it there is no connection to break.
      (c.env as { incoming?: { socket?: { destroy(): void } } }).incoming?.socket?.destroy();
      return;
    }
    const { status, headers = {}, message = 'Server Error' } = fault.response;
    return new Response(JSON.stringify({ message }), {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    });
  };
}
