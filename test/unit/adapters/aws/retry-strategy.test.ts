import { describe, expect, it } from '@jest/globals';
import { errorKindOf } from '../../../../app/adapters/aws/aws-error-kind.ts';
import { createRetryStrategy } from '../../../../app/adapters/aws/retry-strategy.ts';

const awsError = (name: string, httpStatusCode: number | undefined, message = 'no') => {
  const $metadata: { httpStatusCode?: number; clockSkewCorrected?: true } =
    httpStatusCode === undefined ? {} : { httpStatusCode };
  // The SDK's type of an error says that its cause is an error too; it has none here.
  return Object.assign(new Error(message), { name, $metadata }) as Error & {
    readonly $metadata: typeof $metadata;
    readonly cause: Error;
  };
};

describe('an AWS error', () => {
  it.each([
    ['throttled', awsError('ThrottlingException', 400)],
    ['throttled', awsError('RequestLimitExceeded', 503)],
    [
      'throttled',
      awsError('InvalidParameterException', 400, 'Request limit exceeded. (ErrorCode: RequestLimitExceeded)'),
    ],
    ['throttled', awsError('ClientException', 400, 'Rate exceeded')],
    ['unknown', awsError('ServerException', 500)],
    ['unknown', awsError('TimeoutError', undefined)],
    [
      'unknown',
      Object.assign(new SyntaxError('Unexpected end of JSON input'), { $metadata: { httpStatusCode: 200 } }),
    ],
    ['unknown', awsError('Error', 200, 'aborted')],
    ['refused', awsError('AccessDeniedException', 400)],
    ['refused', awsError('NoSuchKey', 404)],
  ])('is %s: %s', (fault, error) => {
    expect(errorKindOf(error)).toBe(fault);
  });

  it('about a wrong clock is retried with a corrected clock', () => {
    const error = awsError('RequestTimeTooSkewed', 403);
    error.$metadata.clockSkewCorrected = true;
    expect(errorKindOf(error)).toBe('throttled');
  });
});

describe('AWS calls', () => {
  const serverError = { error: awsError('ServerException', 500), errorType: 'SERVER_ERROR' as const };

  it('are retried with increasing backoff, up to a number of attempts', async () => {
    const strategy = createRetryStrategy({
      random: () => 0.999,
      maxAttempts: 5,
      baseDelayMs: 100,
      maxDelayMs: 500,
    });
    let token = await strategy.acquireInitialRetryToken('');
    const waits: number[] = [];
    for (let retry = 0; retry < 4; retry += 1) {
      token = await strategy.refreshRetryTokenForRetry(token, serverError);
      waits.push(token.getRetryDelay());
    }
    expect(waits).toEqual([99, 199, 399, 499]);
    await expect(strategy.refreshRetryTokenForRetry(token, serverError)).rejects.toBe(serverError.error);
  });

  it('are not retried if AWS rejected them', async () => {
    const strategy = createRetryStrategy({ random: () => 0 });
    const refused = { error: awsError('AccessDeniedException', 400), errorType: 'CLIENT_ERROR' as const };
    const token = await strategy.acquireInitialRetryToken('');
    await expect(strategy.refreshRetryTokenForRetry(token, refused)).rejects.toBe(refused.error);
  });
});
