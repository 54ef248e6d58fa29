import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stsSessions } from '../../../app/adapters/sts/sts-sessions.ts';
import { holder, runId } from '../../../app/core/model/ids.ts';
import type { RoleCredentials } from '../../../app/core/model/job.ts';
import type { Project } from '../../../app/core/model/project.ts';
import { renewUploads } from '../../../app/core/runs/renew-uploads.ts';
import { startRun } from '../../../app/core/runs/start-run.ts';
import { jobOf, specOf, type World, world } from '../../helpers/memory-deps.ts';
import { clientOptions, motoUrl } from './moto.ts';

const name = `t${randomUUID().slice(0, 8)}`;
const bucket = `${name}-stacks`;
const role = `arn:aws:iam::123456789012:role/${name}`;
const allows = (action: string, resource: string) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
  });

/** Calls IAM, which no dependency of Berth has a client for. */
async function iam(action: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const scope = 'Credential=testing/20260101/us-east-1/iam/aws4_request';
  const response = await fetch(motoUrl, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams({ Action: action, Version: '2010-05-08', ...parameters }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`moto refused ${action}: ${text}`);
  return text;
}

/** Makes moto enforce the policies after so many calls. */
async function enforceAfter(calls: string): Promise<void> {
  const response = await fetch(`${motoUrl}/moto-api/reset-auth`, { method: 'POST', body: calls });
  if (!response.ok) throw new Error(`moto did not take it: ${response.status}`);
}

let berth: { accessKeyId: string; secretAccessKey: string };

beforeAll(async () => {
  await iam('CreateUser', { UserName: name });
  const key = await iam('CreateAccessKey', { UserName: name });
  const of = (tag: string) => new RegExp(`<${tag}>(.*?)</${tag}>`).exec(key)?.[1] ?? '';
  berth = { accessKeyId: of('AccessKeyId'), secretAccessKey: of('SecretAccessKey') };
  const PolicyName = 'own';
  const mayAssume = allows('sts:AssumeRole', role);
  await iam('PutUserPolicy', { UserName: name, PolicyName, PolicyDocument: mayAssume });
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::123456789012:user/${name}` },
        Action: ['sts:AssumeRole', 'sts:TagSession'],
        Condition: { StringEquals: { 'sts:ExternalId': 'shop' } },
      },
    ],
  });
  await iam('CreateRole', { RoleName: name, AssumeRolePolicyDocument: trust });
  const PolicyDocument = allows('s3:PutObject', `arn:aws:s3:::${bucket}/*`);
  await iam('PutRolePolicy', { RoleName: name, PolicyName, PolicyDocument });
  await new S3Client({ ...clientOptions(), forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: bucket }),
  );
  await enforceAfter('0');
});
afterAll(() => enforceAfter('inf'));

const asTask = ({ AccessKeyId, SecretAccessKey, Token }: RoleCredentials) => ({
  ...clientOptions(),
  credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token },
});

async function deploy(credentials: RoleCredentials, to = bucket): Promise<string> {
  const s3 = new S3Client({ ...asTask(credentials), forcePathStyle: true });
  try {
    await s3.send(new PutObjectCommand({ Bucket: to, Key: 'app', Body: 'x' }));
    return 'deployed';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}

function berthWorld(): World {
  const client = new STSClient({ ...clientOptions(), credentials: berth });
  return world({ deps: { roles: stsSessions({ client, allowed: [role] }) } });
}

async function started(w: World, project: Project, branch: string) {
  const stack = { holder: holder.branch(branch), hold: 'pull_request' as const, shares: true };
  const spec = specOf({ role, stack, branch });
  await startRun(w.deps, { project, id: runId(branch), spec, trigger: { kind: 'api' } });
  await w.settle();
  return w.deps.store.runs.get(runId(branch));
}

describe('the role of a deployment, with policies that AWS enforces', () => {
  it('deploys for the branch that holds the stack; the late task of the one before gets nothing', async () => {
    const w = berthWorld();
    const project = await w.project({ maxStacks: 1 }, 'shop');
    await started(w, project, 'first');
    const { credentials: first } = jobOf(w, runId('first'));
    if (first === undefined) throw new Error('no credentials');
    expect(await deploy(first)).toBe('deployed');
    // The role, and not Berth, decides what a session may do.
    expect(await deploy(first, `${bucket}-other`)).toBe('AccessDenied');

    const stack = await w.deps.store.stacks.get(project.id, 1);
    if (stack === undefined) throw new Error('no stack');
    const { hold: _, ...free } = stack;
    await w.deps.store.stacks.save({ ...free, activeRuns: [] }, stack);
    await started(w, project, 'second');
    const { credentials: second } = jobOf(w, runId('second'));
    if (second === undefined) throw new Error('no credentials');
    expect(await deploy(second)).toBe('deployed');

    const late = await renewUploads(w.deps, { runId: runId('first'), launch: 1 }, 'first/1');
    expect(late.credentials).toBeUndefined();
    expect(late.credentialsRefused).toContain('has ended');
    // It cannot assume the role by itself either.
    const assuming = new STSClient(asTask(first)).send(
      new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'late', ExternalId: 'shop' }),
    );
    await expect(assuming).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('is refused to another project that names it, before a task starts', async () => {
    const w = berthWorld();
    const project = await w.project({ maxStacks: 1 }, 'other');
    const run = await started(w, project, 'topic');
    expect(run?.state).toBe('errored');
    expect(run?.outcome?.errorCode).toBe('role_refused');
    expect(w.tasks.launched).toEqual([]);
  });
});
