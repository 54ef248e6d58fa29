import { NodeHttpHandler } from '@smithy/node-http-handler';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { createRetryStrategy, type RetryOptions } from './retry-strategy.ts';

export interface AwsOptions extends RetryOptions {
  readonly region: string;
  /** Of a stand-in or a private endpoint; absent: the region's own. */
  readonly endpoint?: string;
  /** How long AWS may take to begin its answer, and to go on with it. */
  readonly timeoutMs?: number;
}

/** What every client of AWS is made with. Credentials come from where the SDK looks for them. */
export function awsClientOptions(options: AwsOptions) {
  const { timeoutMs = 5_000 } = options;
  return omitUndefined({
    region: options.region,
    endpoint: options.endpoint,
    retryStrategy: createRetryStrategy(options),
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2_000,
      requestTimeout: timeoutMs,
      // Without this the SDK only warns of the silence, and goes on waiting.
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs,
    }),
  });
}
