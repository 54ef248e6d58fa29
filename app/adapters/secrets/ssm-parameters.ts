import { GetParametersCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { chunk } from '../../lib/split-list.ts';
import { explainRefusal } from './explain-refusal.ts';
import type { FoundSecrets } from './read-aws-secrets.ts';

/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html */
const parametersAtOnce = 10;

/** Reads parameters of SSM by name or ARN. Missing ones are absent from the result. */
export function ssmParameters(
  ssm: Pick<SSMClient, 'send'>,
): (ids: readonly string[]) => Promise<FoundSecrets> {
  return async (ids) =>
    (await Promise.all(chunk(ids, parametersAtOnce).map((names) => readParameters(ssm, names)))).flat();
}

async function readParameters(ssm: Pick<SSMClient, 'send'>, names: string[]): Promise<FoundSecrets> {
  const command = new GetParametersCommand({ Names: names, WithDecryption: true });
  const { Parameters: parameters = [] } = await explainRefusal(names.join(', '), () => ssm.send(command));
  // A request by ARN returns the parameter with its name.
  return names.flatMap((id) => {
    const parameter = parameters.find(({ Name, ARN }) => Name === id || ARN === id);
    return parameter?.Value === undefined ? [] : [[id, parameter.Value] as const];
  });
}
