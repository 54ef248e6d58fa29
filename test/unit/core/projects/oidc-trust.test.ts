import { describe, expect, it } from '@jest/globals';
import { trustsWorkflow } from '../../../../app/core/projects/oidc-trust.ts';

const trusts = (
  trust: { repository: string; ref?: string },
  repository: string,
  ref = 'refs/heads/main',
): boolean => trustsWorkflow({ oidcTrust: [trust] }, { repository, ref });

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
    expect(trustsWorkflow({}, { repository: 'acme/site', ref: 'refs/heads/main' })).toBe(false);
  });
});
