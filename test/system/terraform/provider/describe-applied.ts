import { beforeAll, describe, expect, it } from '@jest/globals';
import { type AppliedResources, appliedExample } from './applied.ts';

type Variables = Readonly<Record<string, string>>;

export interface Applied {
  /** The name in Secrets Manager of the GitHub App of the example. */
  readonly secret: string;
  readonly resources: () => AppliedResources;
  /** Reads the resources again, after an apply. */
  readonly refresh: () => Promise<void>;
  readonly ofType: (type: string) => Record<string, unknown>[];
}

/**
 * Describes an example that is applied to moto's account under its own name.
 *
 * @param options.before creates what the example requires, and returns variables for it.
 * @param options.type types the commands of a document that apply it, with variables for its shell.
 * @param more adds tests of the applied example.
 */
export function describeApplied(
  options: {
    readonly example: string;
    /** Its name, which other examples do not have. If omitted, the commands that are typed set all variables. */
    readonly project?: string;
    readonly before?: () => Promise<Variables | undefined>;
    readonly type?: (folder: string, shell: Variables, created: Variables) => Promise<unknown>;
    readonly variables?: Variables;
    /** Is merged into the files of the example. */
    readonly override?: string;
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
      const created = (await options.before?.()) ?? {};
      const { project } = options;
      const variables: Variables = {
        ...(project === undefined ? {} : { project, deletion_protection: 'false' }),
        ...(project === undefined || options.github === false
          ? {}
          : { github_app_secret: `secretsmanager:${secret}` }),
        ...options.variables,
      };
      example = appliedExample(options.example, { ...variables, ...created }, options.override);
      await example.prepare();
      if (options.type === undefined) await example.apply();
      else await options.type(example.folder, environmentFor(variables), created);
      await refresh();
    });
    const refresh = async (): Promise<void> => {
      resources = await example.resources();
    };

    it('has no changes in a second plan', async () => {
      expect(await example.planNothing()).toContain('No changes.');
    });

    more({
      secret,
      resources: () => resources,
      refresh,
      ofType: (type) =>
        [...resources].flatMap(([address, values]) => (address.includes(`.${type}.`) ? [values] : [])),
    });
  });
}

const environmentFor = (variables: Variables): Variables =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [`TF_VAR_${name}`, value]));
