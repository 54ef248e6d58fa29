import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { isAwsError } from '../aws/aws-error-kind.ts';
import { explainRefusal } from './explain-refusal.ts';
import type { FoundSecrets } from './read-aws-secrets.ts';

/** Reads secrets of Secrets Manager by name or ARN. Missing ones are absent from the result. */
export function managedSecrets(
  client: Pick<SecretsManagerClient, 'send'>,
): (ids: readonly string[]) => Promise<FoundSecrets> {
  return async (ids) => (await Promise.all(ids.map((id) => readSecret(client, id)))).flat();
}

async function readSecret(client: Pick<SecretsManagerClient, 'send'>, id: string): Promise<FoundSecrets> {
  try {
    const { SecretString } = await explainRefusal(id, () =>
      client.send(new GetSecretValueCommand({ SecretId: id })),
    );
    return SecretString === undefined ? [] : [[id, SecretString]];
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return [];
    throw error;
  }
}
