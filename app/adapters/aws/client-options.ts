import { NodeHttpHandler } from '@smithy/node-http-handler';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { createRetryStrategy, type RetryOptions } from './retry-strategy.ts';

export interface AwsOptions extends RetryOptions {
  readonly region: string;
  /** The address of a stand-in or a private endpoint. If omitted, the endpoint of the region. */
  readonly endpoint?: string;
  /** How long AWS may take to start its response, and to continue it. */
  readonly timeoutMs?: number;
}

/** Builds the options of every AWS client. The SDK finds the credentials. */
export function awsClientOptions(options: AwsOptions) {
  const { timeoutMs = 5_000 } = options;
  return omitUndefined({
    region: options.region,
    endpoint: options.endpoint,
    retryStrategy: createRetryStrategy(options),
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 2_000,
      requestTimeout: timeoutMs,
      // Without this the SDK only warns about the silence, and keeps waiting.
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs,
    }),
  });
}
