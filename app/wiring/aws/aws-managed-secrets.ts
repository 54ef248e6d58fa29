import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { managedSecrets } from '../../adapters/secrets/secrets-manager.ts';

/** Reads secrets of Secrets Manager. */
export function awsManagedSecrets(options: AwsOptions): ReturnType<typeof managedSecrets> {
  return managedSecrets(new SecretsManagerClient(awsClientOptions(options)));
}
