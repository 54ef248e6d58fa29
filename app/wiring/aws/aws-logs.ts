import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { cloudWatchLogs } from '../../adapters/cloudwatch/cloudwatch-logs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logs } from '../../ports/logs.ts';

/** The output of tasks, in CloudWatch. */
export function awsLogs(options: AwsOptions, clock: Clock): Logs {
  return cloudWatchLogs({ client: new CloudWatchLogsClient(awsClientOptions(options)), clock });
}
