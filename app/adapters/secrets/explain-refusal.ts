import { BerthError } from '../../core/model/errors.ts';
import { errorKindOf, isAwsError } from '../aws/aws-error-kind.ts';

/** Reads a secret. @throws BerthError `launch_failed` if AWS refuses, with the permissions that are missing. */
export async function explainRefusal<Result>(what: string, read: () => Promise<Result>): Promise<Result> {
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
