import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { BerthError } from '../../core/model/errors.ts';
import { errorKindOf, isAwsError } from '../aws/aws-error-kind.ts';
import type { SecretReference } from './secret-reference.ts';
import type { ReadSecrets } from './secret-sources.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const parametersAtOnce = 10;

/** Reads parameters of SSM and secrets of Secrets Manager. Missing ones are absent from the result. */
export function readAwsSecrets(deps: {
  readonly ssm: Pick<SSMClient, 'send'>;
  readonly secretsManager: Pick<SecretsManagerClient, 'send'>;
}): ReadSecrets {
  const { ssm, secretsManager } = deps;
  return async (references) => {
    const idsOf = (service: SecretReference['service']) => [
      ...new Set(references.filter((each) => each.service === service).map(({ id }) => id)),
    ];
    const found = await Promise.all([
      ...inBatches(idsOf('ssm')).map((names) => readParameters(ssm, names)),
      ...idsOf('secretsmanager').map((id) => readSecret(secretsManager, id)),
    ]);
    return new Map(found.flat());
  };
}

type Found = readonly (readonly [id: string, value: string])[];

async function readParameters(ssm: Pick<SSMClient, 'send'>, names: readonly string[]): Promise<Found> {
  const command = new GetParametersCommand({ Names: [...names], WithDecryption: true });
  const { Parameters: parameters = [] } = await explained(names.join(', '), () => ssm.send(command));
  // A request by ARN returns the parameter with its name.
  return names.flatMap((id) => {
    const parameter = parameters.find(({ Name, ARN }) => Name === id || ARN === id);
    return parameter?.Value === undefined ? [] : [[id, parameter.Value] as const];
  });
}

async function readSecret(client: Pick<SecretsManagerClient, 'send'>, id: string): Promise<Found> {
  try {
    const { SecretString } = await explained(id, () =>
      client.send(new GetSecretValueCommand({ SecretId: id })),
    );
    return SecretString === undefined ? [] : [[id, SecretString]];
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return [];
    throw error;
  }
}

async function explained<Result>(what: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (errorKindOf(error) !== 'refused' || isAwsError(error, 'ResourceNotFoundException')) throw error;
    const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new BerthError('launch_failed', `Berth is not allowed to read ${what}. AWS said: ${said}`, {
      cause: error,
      hint: 'Allow its role ssm:GetParameters, secretsmanager:GetSecretValue, and kms:Decrypt for their key.',
    });
  }
}

function inBatches(names: readonly string[]): readonly (readonly string[])[] {
  const count = Math.ceil(names.length / parametersAtOnce);
  return Array.from({ length: count }, (_, index) =>
    names.slice(index * parametersAtOnce, (index + 1) * parametersAtOnce),
  );
}
