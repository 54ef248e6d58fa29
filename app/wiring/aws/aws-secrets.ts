import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SSMClient } from '@aws-sdk/client-ssm';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { readAwsSecrets } from '../../adapters/secrets/read-aws-secrets.ts';
import type { ReadSecrets } from '../../adapters/secrets/secret-sources.ts';

/** Reads secrets of SSM and Secrets Manager. */
export function awsSecrets(options: AwsOptions): ReadSecrets {
  const common = awsClientOptions(options);
  return readAwsSecrets({ ssm: new SSMClient(common), secretsManager: new SecretsManagerClient(common) });
}
