import { SSMClient } from '@aws-sdk/client-ssm';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { ssmParameters } from '../../adapters/secrets/ssm-parameters.ts';

/** Reads parameters of SSM. */
export function awsParameters(options: AwsOptions): ReturnType<typeof ssmParameters> {
  return ssmParameters(new SSMClient(awsClientOptions(options)));
}
