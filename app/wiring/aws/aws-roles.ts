import { STSClient } from '@aws-sdk/client-sts';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { stsSessions } from '../../adapters/sts/sts-sessions.ts';
import type { RoleSessions } from '../../ports/role-sessions.ts';

/** Role sessions from STS in the region. */
export function awsRoles(allowed: readonly string[], options: AwsOptions): RoleSessions {
  return stsSessions({ client: new STSClient(awsClientOptions(options)), allowed });
}
