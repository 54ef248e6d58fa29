import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { batchAsDocumented } from './batch-as-documented.ts';
import { type Answer, ecsAsDocumented, type Forward } from './ecs-as-documented.ts';
import { checkPresignedUrls } from './presigned-urls.ts';

/** The failures that can occur between a program and AWS. */
export type FaultKind = 'throttling' | 'server error' | 'reset' | 'silence' | 'half an answer';
export const faultKinds: readonly FaultKind[] = [
  'throttling',
  'server error',
  'reset',
  'silence',
  'half an answer',
];

export interface FaultProxy {
  readonly url: string;
  /** Calls that came in, by operation such as `RunTask`. */
  readonly calls: ReadonlyMap<string, number>;
  /** Failures so far, by kind. */
  readonly faults: ReadonlyMap<FaultKind, number>;
  /** Calls that reached the server behind, by operation. */
  readonly forwarded: ReadonlyMap<string, number>;
  /** Sets the rate of failing calls: 0.2 for one in five. */
  setRate(rate: number): void;
  /** Sets how long reads of ECS do not know a new task. */
  setUnknownSeconds(seconds: number): void;
  /** Lets the next calls of an operation fail in these ways, before random failures. */
  plan(operation: string, ...kinds: readonly (FaultKind | 'none')[]): void;
  /** Reports every call that comes in from now on. */
  listen(onCall: (operation: string, body: string) => void): void;
  close(): Promise<void>;
}

/**
 * A proxy on loopback in front of an AWS test server that lets calls fail. Most failures come after the call was
 * performed, which is the hard case: the program does not know that.
 *
 * Completes moto's answers: see {@link ecsAsDocumented}, {@link batchAsDocumented}
 * and {@link checkPresignedUrls}.
 */
export async function startFaultProxy(options: {
  readonly target: string;
  readonly rate?: number;
  readonly kinds?: readonly FaultKind[];
  readonly seed?: number;
}): Promise<FaultProxy> {
  const { kinds = faultKinds } = options;
  const random = seededChance(options.seed ?? 1);
  const calls = new Map<string, number>();
  const faults = new Map<FaultKind, number>();
  const forwarded = new Map<string, number>();
  const plans = new Map<string, (FaultKind | 'none')[]>();
  let rate = options.rate ?? 0;
  let unknownSeconds = 0;
  let tell: (operation: string, body: string) => void = () => {};

  const asDocumented = (next: Forward) =>
    checkPresignedUrls(
      'testing',
      ecsAsDocumented(batchAsDocumented(next), () => unknownSeconds),
    );
  const forward = asDocumented((operation, incoming, body) => {
    count(forwarded, operation);
    return pass(options.target, incoming, body);
  });

  const pick = (operation: string): FaultKind | undefined => {
    const planned = plans.get(operation)?.shift();
    if (planned !== undefined) return planned === 'none' ? undefined : planned;
    return random() < rate ? kinds[Math.floor(random() * kinds.length)] : undefined;
  };

  const server = createServer(async (incoming, outgoing) => {
    const body = await readAll(incoming);
    const operation = operationOf(incoming, body);
    count(calls, operation);
    tell(operation, body.toString());
    const fault = pick(operation);
    if (fault !== undefined) count(faults, fault);
    try {
      if (fault === 'throttling') return throttle(operation, incoming, outgoing);
      const answer = await forward(operation, incoming, body);
      if (fault === undefined) return send(outgoing, answer);
      goWrong(fault, incoming, outgoing, answer);
    } catch {
      outgoing.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The server listens, so its address is neither null nor the path of a socket.
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    faults,
    forwarded,
    setRate: (next) => {
      rate = next;
    },
    setUnknownSeconds: (seconds) => {
      unknownSeconds = seconds;
    },
    plan: (operation, ...next) => {
      plans.set(operation, [...(plans.get(operation) ?? []), ...next]);
    },
    listen: (onCall) => {
      tell = onCall;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function goWrong(
  fault: Exclude<FaultKind, 'throttling'>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: Answer,
): void {
  switch (fault) {
    case 'server error':
      refuse(incoming, outgoing, 500, 'InternalFailure', 'We encountered an internal error.');
      return;
    case 'reset':
      incoming.socket.resetAndDestroy();
      return;
    case 'silence':
      // Never answers: the caller has to give up.
      return;
    case 'half an answer': {
      const half = answer.body.subarray(0, Math.floor(answer.body.length / 2));
      outgoing.writeHead(answer.status, { ...answer.headers, 'content-length': answer.body.length });
      outgoing.write(half, () => outgoing.destroy());
      return;
    }
  }
}

/** S3 uses another status than the other services: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function throttle(operation: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const isOfS3 = /^(GET|PUT|HEAD|DELETE) /.test(operation);
  if (isOfS3) refuse(incoming, outgoing, 503, 'SlowDown', 'Please reduce your request rate.');
  else refuse(incoming, outgoing, 400, 'ThrottlingException', 'Rate exceeded');
}

/** An error in the form of the protocol that the call speaks. */
function refuse(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  status: number,
  code: string,
  message: string,
): void {
  const json = JSON.stringify({ __type: code, message });
  const xml = `<?xml version="1.0"?><Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Response>`;
  const speaksJson = /json/.test(incoming.headers['content-type'] ?? '');
  outgoing.writeHead(status, {
    'content-type': speaksJson ? 'application/x-amz-json-1.1' : 'text/xml',
    'x-amzn-errortype': code,
  });
  outgoing.end(speaksJson ? json : xml);
}

function send(outgoing: ServerResponse, answer: Answer): void {
  const { 'transfer-encoding': _, ...headers } = answer.headers;
  outgoing.writeHead(answer.status, { ...headers, 'content-length': answer.body.length });
  outgoing.end(answer.body);
}

function pass(target: string, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const onward = request(
      new URL(incoming.url ?? '/', target),
      {
        method: incoming.method ?? 'GET',
        headers: { ...incoming.headers, 'content-length': body.length },
      },
      async (response) => {
        resolve({
          status: response.statusCode ?? 502,
          headers: response.headers,
          body: await readAll(response),
        });
      },
    );
    onward.on('error', reject);
    onward.end(body);
  });
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** `RunTask` of a JSON call, `DescribeSubnets` of a query; the method and path of any other. */
function operationOf(incoming: IncomingMessage, body: Buffer): string {
  const target = incoming.headers['x-amz-target'];
  if (typeof target === 'string') return target.slice(target.lastIndexOf('.') + 1);
  const action = /(?:^|&)Action=(\w+)/.exec(body.toString('latin1', 0, 4096))?.[1];
  return action ?? `${incoming.method} ${new URL(incoming.url ?? '/', 'http://localhost').pathname}`;
}

function count<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** Mulberry32: the same numbers for the same seed, so that a failure can be reproduced. */
function seededChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
