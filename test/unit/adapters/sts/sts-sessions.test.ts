import type { AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from '@jest/globals';
import { stsSessions } from '../../../../app/adapters/sts/sts-sessions.ts';

const request = {
  role: 'arn:aws:iam::123456789012:role/deploy/shop',
  externalId: 'gh-7',
  name: 'berth-test-1-4-01RUN',
  tags: { 'berth:stack': 'test-1', 'berth:token': '4' },
  durationSeconds: 900,
};

function sessions(allowed: readonly string[], error?: Error) {
  const sent: AssumeRoleCommandInput[] = [];
  const send = async (command: { readonly input: AssumeRoleCommandInput }) => {
    sent.push(command.input);
    if (error !== undefined) throw error;
    const Expiration = new Date('2026-01-01T01:00:00Z');
    return { Credentials: { AccessKeyId: 'A', SecretAccessKey: 'S', SessionToken: 'T', Expiration } };
  };
  // The one command that the adapter sends.
  return { sent, roles: stsSessions({ client: { send } as unknown as STSClient, allowed }) };
}

describe('sessions of STS', () => {
  it('have the tags of the hold, the external ID of the project, and an end', async () => {
    const { sent, roles } = sessions(['arn:aws:iam::123456789012:role/deploy/*']);
    const endsAt = new Date('2026-01-01T00:10:00.500Z');
    expect((await roles.assume({ ...request, endsAt })).accessKeyId).toBe('A');
    expect(sent[0]).toMatchObject({
      RoleArn: request.role,
      RoleSessionName: request.name,
      ExternalId: 'gh-7',
      DurationSeconds: 900,
      TransitiveTagKeys: ['berth:stack', 'berth:token'],
      Tags: [
        { Key: 'berth:stack', Value: 'test-1' },
        { Key: 'berth:token', Value: '4' },
      ],
    });
    expect(JSON.parse(sent[0]?.Policy ?? '{}').Statement[0].Condition).toEqual({
      DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:10:00Z' },
    });
  });

  it('are only of roles that the operator allows', async () => {
    for (const allowed of [
      [],
      ['arn:aws:iam::123456789012:role/other'],
      ['arn:aws:iam::1234567890.2:role/deploy/*'],
      ['arn:aws:iam::*:role/deploy/*/*/*'],
      ['*:role/deploy/shopx*'],
    ]) {
      const { sent, roles } = sessions(allowed);
      await expect(roles.assume(request)).rejects.toMatchObject({ code: 'role_refused' });
      expect(sent).toEqual([]);
    }
  });

  it('say which role AWS refused, and pass on that AWS did not answer', async () => {
    const refused = Object.assign(new Error('not authorized'), { name: 'AccessDenied' });
    await expect(sessions(['*'], refused).roles.assume(request)).rejects.toMatchObject({
      code: 'role_refused',
    });
    const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    await expect(sessions(['*'], throttled).roles.assume(request)).rejects.toBe(throttled);
  });
});
