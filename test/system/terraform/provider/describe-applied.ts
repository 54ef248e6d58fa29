import { beforeAll, describe, expect, it } from '@jest/globals';
import { type AppliedResources, appliedExample } from './applied.ts';

export interface Applied {
  /** The name in Secrets Manager of the GitHub App of the example. */
  readonly secret: string;
  readonly resources: () => AppliedResources;
  readonly ofType: (type: string) => Record<string, unknown>[];
}

/**
 * Describes an example that is applied to moto's account under its own name.
 *
 * @param options.before creates what the example requires, and returns variables for it.
 * @param more adds tests of the applied example.
 */
export function describeApplied(
  options: {
    readonly example: string;
    readonly project: string;
    readonly before?: () => Promise<Readonly<Record<string, string>> | undefined>;
    readonly variables?: Readonly<Record<string, string>>;
    /** Whether the example reads the GitHub App by reference. */
    readonly github?: boolean;
  },
  more: (applied: Applied) => void,
): void {
  describe(`examples/${options.example}, applied`, () => {
    const secret = `berth/github-app-of-${options.example}`;
    let example: ReturnType<typeof appliedExample>;
    let resources: AppliedResources;
    beforeAll(async () => {
      const created = await options.before?.();
      example = appliedExample(options.example, {
        project: options.project,
        ...(options.github === false ? {} : { github_app_secret: `secretsmanager:${secret}` }),
        deletion_protection: 'false',
        ...options.variables,
        ...created,
      });
      await example.apply();
      resources = await example.resources();
    });

    it('has no changes in a second plan', async () => {
      expect(await example.planNothing()).toContain('No changes.');
    });

    more({
      secret,
      resources: () => resources,
      ofType: (type) =>
        [...resources].flatMap(([address, values]) => (address.includes(`.${type}.`) ? [values] : [])),
    });
  });
}
