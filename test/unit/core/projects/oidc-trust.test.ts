import { describe, expect, it } from '@jest/globals';
import { decideTrust, type OidcTrust } from '../../../../app/core/projects/oidc-trust.ts';

const workflow = {
  repository: 'acme/site',
  repositoryId: 42,
  repositoryOwnerId: 7,
  ref: 'refs/heads/main',
  actor: 'octocat',
  workflowRunId: '17',
  event: 'push',
  environment: 'staging',
  workflowFile: '.github/workflows/test.yml',
};
const decide = (trust: OidcTrust, change: Partial<typeof workflow> = {}) =>
  decideTrust({ oidcTrust: [trust] }, { ...workflow, ...change });
const trusts = (trust: OidcTrust, repository: string, ref = 'refs/heads/main'): boolean =>
  decide(trust, { repository, ref }).kind === 'trusted';

describe('trust in workflows', () => {
  it('covers one repository, in any case, or all repositories of an owner', () => {
    expect(trusts({ repository: 'Acme/Site' }, 'acme/site')).toBe(true);
    expect(trusts({ repository: 'acme/site' }, 'acme/site-2')).toBe(false);
    expect(trusts({ repository: 'acme/*' }, 'acme/site')).toBe(true);
    expect(trusts({ repository: 'acme/*' }, 'acme-evil/site')).toBe(false);
  });

  it.each([
    ['refs/heads/main', 'refs/heads/main', true],
    ['refs/heads/main', 'refs/heads/main2', false],
    ['refs/heads/main', 'refs/heads/Main', false],
    ['refs/heads/*', 'refs/heads/feature/login', true],
    ['refs/heads/*', 'refs/tags/v1', false],
    ['refs/tags/v*.*', 'refs/tags/v1.2', true],
    ['refs/tags/v*.*', 'refs/tags/v1', false],
    ['*main', 'refs/heads/main', true],
    ['refs/*/a*a', 'refs/heads/a', false],
    ['*', 'refs/pull/7/merge', true],
  ])('in the ref %s allows %s: %s', (pattern, ref, expected) => {
    expect(trusts({ repository: 'acme/site', ref: pattern }, 'acme/site', ref)).toBe(expected);
  });

  it('covers nothing if nothing is listed', () => {
    expect(decideTrust({}, workflow)).toEqual({ kind: 'unknown' });
  });

  it('is bound to the repository, or to the owner, that uses it first', () => {
    const entry = { repository: 'acme/site' };
    expect(decide(entry)).toMatchObject({ kind: 'trusted', bound: { ...entry, repositoryId: 42 } });
    expect(decide({ ...entry, repositoryId: 42 })).not.toHaveProperty('bound');
    expect(decide({ ...entry, repositoryId: 41 })).toMatchObject({ kind: 'replaced' });
    const owner = { repository: 'acme/*' };
    expect(decide(owner)).toMatchObject({ kind: 'trusted', bound: { ...owner, repositoryOwnerId: 7 } });
    expect(decide({ ...owner, repositoryOwnerId: 8 })).toMatchObject({ kind: 'replaced' });
  });

  it.each([
    [{}, { event: 'pull_request_target' }, 'unknown'],
    [{ events: ['pull_request_target'] }, { event: 'pull_request_target' }, 'trusted'],
    [{ events: ['push'] }, { event: 'workflow_dispatch' }, 'unknown'],
    [{ environment: 'production' }, {}, 'unknown'],
    [{ environment: 'staging' }, {}, 'trusted'],
    [{ workflow: '.github/workflows/*.yml' }, {}, 'trusted'],
    [{ workflow: '.github/workflows/release.yml' }, {}, 'unknown'],
  ])('with %j of a workflow with %j is %s', (conditions, change, kind) => {
    expect(decide({ repository: 'acme/site', ...conditions }, change).kind).toBe(kind);
  });
});
