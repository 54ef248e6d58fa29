import { beforeAll, describe, expect, it } from '@jest/globals';
import { type AppliedResources, appliedExample } from './applied.ts';

export interface Applied {
  /** The name in Secrets Manager of the GitHub App that the example was told of. */
  readonly secret: string;
  readonly resources: () => AppliedResources;
  readonly ofType: (type: string) => Record<string, unknown>[];
}

/**
 * An example of the modules, applied to moto's account under a name of its own.
 *
 * @param options.before makes what the example takes for granted.
 * @param more what is to be seen on it.
 */
export function describeApplied(
  options: {
    readonly example: string;
    readonly project: string;
    readonly before?: () => Promise<void>;
  },
  more: (applied: Applied) => void,
): void {
  describe(`examples/${options.example}, applied`, () => {
    const secret = `berth/github-app-of-${options.example}`;
    const example = appliedExample(options.example, {
      project: options.project,
      github_app_secret: `secretsmanager:${secret}`,
      deletion_protection: 'false',
    });
    let resources: AppliedResources;
    beforeAll(async () => {
      await options.before?.();
      await example.apply();
      resources = await example.resources();
    });

    it('is what it says: a second plan changes nothing', async () => {
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
