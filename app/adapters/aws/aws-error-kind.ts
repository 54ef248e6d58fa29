/**
 * Classifies an error of the AWS SDK for the next step. AWS is not strict about the kinds of its errors: throttling
 * in one service comes wrapped in an "invalid parameter" of another, and a broken answer is a syntax error.
 */
export type AwsErrorKind =
  /** AWS had no time for the call: the same call later goes through. */
  | 'throttled'
  /** It is unknown whether AWS performed the call: no answer, half an answer, or a server error of AWS. */
  | 'unknown'
  /** AWS understood the call and refused it. */
  | 'refused';

const throttlingName =
  /^(Throttling|ThrottlingException|ThrottledException|RequestThrottled|RequestThrottledException|TooManyRequestsException|RequestLimitExceeded|BandwidthLimitExceeded|SlowDown|ProvisionedThroughputExceededException|EC2ThrottledException|PriorRequestNotComplete|TransactionInProgressException|RequestThrottlingException)$/;

/**
 * RunTask asks EC2 about subnets and network interfaces, and passes on that EC2 was too busy as an
 * `InvalidParameterException` or `ClientException`.
 */
const hiddenThrottling =
  /rate exceeded|request limit exceeded|RequestLimitExceeded|throttl|too many requests|slow down/i;

export function errorKindOf(error: unknown): AwsErrorKind {
  if (!(error instanceof Error)) return 'unknown';
  const status = statusOf(error);
  if (throttlingName.test(error.name) || status === 429) return 'throttled';
  if (status === undefined || status >= 500 || error instanceof SyntaxError) return 'unknown';
  // A body that broke off arrives with the status of the answer that it was.
  if (status < 400) return 'unknown';
  // The SDK has set its clock right by AWS's answer: signed again, the same call goes through.
  if (metadataOf(error).clockSkewCorrected === true) return 'throttled';
  return hiddenThrottling.test(error.message) ? 'throttled' : 'refused';
}

/** The HTTP status of the answer; undefined where there was none. */
function statusOf(error: Error): number | undefined {
  const { httpStatusCode } = metadataOf(error);
  return typeof httpStatusCode === 'number' ? httpStatusCode : undefined;
}

/** True where the error is of this kind: the SDK's classes are compared by name, as AWS documents them. */
export function isAwsError(error: unknown, ...names: readonly string[]): error is Error {
  return error instanceof Error && names.includes(error.name);
}

function metadataOf(error: Error): { httpStatusCode?: unknown; clockSkewCorrected?: unknown } {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  return typeof metadata === 'object' && metadata !== null ? metadata : {};
}
