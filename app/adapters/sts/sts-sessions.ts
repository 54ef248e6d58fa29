import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { BerthError } from '../../core/model/errors.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { RoleSessions } from '../../ports/role-sessions.ts';
import { isAwsError } from '../aws/aws-error-kind.ts';

const refusals = ['AccessDenied', 'AccessDeniedException', 'ValidationError', 'RegionDisabledException'];

/**
 * {@link RoleSessions} of STS.
 *
 * @param deps.allowed patterns of the ARNs that this installation may assume; `*` matches any characters.
 */
export function stsSessions(deps: {
  readonly client: Pick<STSClient, 'send'>;
  readonly allowed: readonly string[];
}): RoleSessions {
  return {
    async assume({ role, externalId, name, tags, durationSeconds, endsAt }) {
      if (!deps.allowed.some((pattern) => matches(role, pattern))) {
        throw new BerthError('role_refused', `This installation is not allowed to assume the role ${role}.`, {
          hint: 'Its administrator can allow it with BERTH_DEPLOY_ROLES; see docs/deploy-roles.md.',
        });
      }
      const { Credentials: issued } = await send(role, () =>
        deps.client.send(
          new AssumeRoleCommand({
            RoleArn: role,
            RoleSessionName: name,
            ExternalId: externalId,
            DurationSeconds: durationSeconds,
            Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
            // Roles that the task assumes with this session keep the tags.
            TransitiveTagKeys: Object.keys(tags),
            ...omitUndefined({ Policy: endsAt && endsAtPolicy(endsAt) }),
          }),
        ),
      );
      const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = issued ?? {};
      if (
        AccessKeyId === undefined ||
        SecretAccessKey === undefined ||
        SessionToken === undefined ||
        Expiration === undefined
      ) {
        throw new Error(`STS returned incomplete credentials for ${role}`);
      }
      return {
        accessKeyId: AccessKeyId,
        secretAccessKey: SecretAccessKey,
        sessionToken: SessionToken,
        expiresAt: Expiration,
      };
    },
  };
}

/** STS issues sessions of 15 minutes or more. The policy ends a shorter one, and adds no permissions to those of the role. */
function endsAtPolicy(endsAt: Date): string {
  const condition = { DateLessThan: { 'aws:CurrentTime': `${endsAt.toISOString().slice(0, 19)}Z` } };
  const statement = { Effect: 'Allow', Action: '*', Resource: '*', Condition: condition };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

async function send<Result>(role: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (!isAwsError(error, ...refusals)) throw error;
    throw new BerthError('role_refused', `AWS does not let Berth assume the role ${role}.`, {
      cause: error,
      hint: 'Check its trust policy: docs/deploy-roles.md has the one that it needs.',
    });
  }
}

/** Matches a pattern, whose `*` matches any text, in linear time. */
function matches(role: string, pattern: string): boolean {
  const [first = '', ...middle] = pattern.split('*');
  const last = middle.pop();
  if (last === undefined) return role === pattern;
  let at = role.startsWith(first) ? first.length : -1;
  for (const part of middle) {
    const found = at === -1 ? -1 : role.indexOf(part, at);
    at = found === -1 ? -1 : found + part.length;
  }
  return at !== -1 && at + last.length <= role.length && role.endsWith(last);
}
