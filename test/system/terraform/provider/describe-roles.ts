import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { AppliedResources } from './applied.ts';
import { iamRequestsOf } from './iam-requests.ts';
import { keyRequestsOf } from './key-requests.ts';
import { type IamRequest, simulator } from './policy-simulator.ts';
import { recordedCalls } from './recorded-calls.ts';

const functions = ['http', 'queue', 'schedule'] as const;
const policySchema = z.string();

/**
 * Checks the calls that the functions made against the policies that Terraform gave them.
 *
 * @param options.called what the functions must have called, although other installations do without.
 * @param options.notCalled what the policies allow for other installations.
 */
export function describeRoles(
  resources: () => AppliedResources,
  { called = [], notCalled = [] }: Partial<Record<'called' | 'notCalled', readonly string[]>> = {},
): void {
  const policyOf = (name: string) =>
    policySchema.parse(
      resources().get(`module.berth.module.app.module.${name}.aws_iam_role_policy.work`)?.policy,
    );
  const taskRoles = () => {
    const definition = resources().get('module.berth.module.runner.aws_ecs_task_definition.runner');
    return [definition?.task_role_arn, definition?.execution_role_arn].map((role) =>
      policySchema.parse(role),
    );
  };
  const requestsOf = (name: string) =>
    recordedCalls()
      .filter(({ by }) => by === name)
      .flatMap((call) => iamRequestsOf(call, taskRoles()))
      .flatMap((request) => [request, ...ofKey(request)]);
  const ofKey = (request: IamRequest) => {
    const key = resources().get('module.berth.module.app.aws_kms_key.this[0]')?.arn;
    return key === undefined ? [] : keyRequestsOf(request, policySchema.parse(key));
  };

  it('has a run whose task reads and writes a cache by signed URLs', () => {
    const ofCaches = functions.flatMap(requestsOf).filter(({ resource }) => resource.includes('/caches/'));
    expect(new Set(ofCaches.map(({ action }) => action))).toEqual(new Set(['s3:GetObject', 's3:PutObject']));
  });

  describe.each(functions)('the role of the function %s', (name) => {
    it('allows every call that the function made', () => {
      const role = simulator([policyOf(name)]);
      const requests = requestsOf(name);
      expect(requests.length).toBeGreaterThan(10);
      expect(requests.filter((request) => !role.allows(request))).toEqual([]);
    });

    it('does not allow these calls on the resources of another installation', () => {
      const role = simulator([policyOf(name)]);
      const elsewhere = requestsOf(name)
        .filter(({ resource }) => resource.startsWith('arn:') && !resource.includes(':event-bus/default'))
        .map((request) => ({
          ...request,
          resource: request.resource.replaceAll(/berth[\w-]*|(?<=:key\/)[\w-]+/g, 'other'),
        }))
        .filter(({ resource }) => resource.includes('other'));
      expect(elsewhere.filter((request) => role.allows(request))).toEqual([]);
    });
  });

  // Which function takes the next step of a run depends on time, so that the roles share most permissions.
  it('allow no more than the functions called, and what docs/aws-fidelity.md explains', () => {
    const made = new Set(functions.flatMap(requestsOf).map(({ action }) => action));
    const allowed = new Set(functions.flatMap((name) => simulator([policyOf(name)]).actions));
    expect(called.filter((action) => !made.has(action))).toEqual([]);
    const unused = [...explained().filter((action) => !called.includes(action)), ...notCalled];
    expect([...allowed].filter((action) => !made.has(action)).sort()).toEqual(unused.sort());
  });
}

/** Reads the table of permissions that this test does not use. */
function explained(): string[] {
  const text = readFileSync('docs/aws-fidelity.md', 'utf8');
  const [, after = ''] = text.split('### Allowed and not called in the test');
  const [table = ''] = after.split('\n## ');
  return [...table.matchAll(/^\| `([a-z0-9]+:\w+)` \|/gm)].map(([, action = '']) => action).sort();
}
