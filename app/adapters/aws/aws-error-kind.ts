/**
 * Classifies an error of the AWS SDK for the next step. The error types of AWS are not consistent: throttling
 * of one service arrives as an "invalid parameter" of another, and a truncated answer as a syntax error.
 */
export type AwsErrorKind =
  /** AWS throttled the call: the same call succeeds later. */
  | 'throttled'
  /** It is unknown whether AWS performed the call: no answer, half an answer, or a server error of AWS. */
  | 'unknown'
  /** AWS refused the call. */
  | 'refused';

const throttlingName =
  /^(Throttling|ThrottlingException|ThrottledException|RequestThrottled|RequestThrottledException|TooManyRequestsException|RequestLimitExceeded|BandwidthLimitExceeded|SlowDown|ProvisionedThroughputExceededException|EC2ThrottledException|PriorRequestNotComplete|TransactionInProgressException|RequestThrottlingException)$/;

/**
 * RunTask calls EC2 for subnets and network interfaces, and reports throttling by EC2 as an
 * `InvalidParameterException` or `ClientException`.
 */
const hiddenThrottling =
  /rate exceeded|request limit exceeded|RequestLimitExceeded|throttl|too many requests|slow down/i;

export function errorKindOf(error: unknown): AwsErrorKind {
  if (!(error instanceof Error)) return 'unknown';
  const status = statusOf(error);
  if (throttlingName.test(error.name) || status === 429) return 'throttled';
  if (status === undefined || status >= 500 || error instanceof SyntaxError) return 'unknown';
  // A truncated body arrives with the status of its answer.
  if (status < 400) return 'unknown';
  // The SDK has corrected its clock by the answer of AWS: signed again, the same call succeeds.
  if (metadataOf(error).clockSkewCorrected === true) return 'throttled';
  return hiddenThrottling.test(error.message) ? 'throttled' : 'refused';
}

/** The HTTP status of the answer; undefined if there was no answer. */
function statusOf(error: Error): number | undefined {
  const { httpStatusCode } = metadataOf(error);
  return typeof httpStatusCode === 'number' ? httpStatusCode : undefined;
}

/** Whether this is the error: classes of the SDK are compared by name, as AWS documents them. */
export function isAwsError(error: unknown, ...names: readonly string[]): error is Error {
  return error instanceof Error && names.includes(error.name);
}

function metadataOf(error: Error): { httpStatusCode?: unknown; clockSkewCorrected?: unknown } {
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  return typeof metadata === 'object' && metadata !== null ? metadata : {};
}
