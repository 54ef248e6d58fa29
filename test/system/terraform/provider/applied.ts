import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { init, terraform, tree } from './terraform.ts';

/** Settings for moto. Terraform merges an `_override.tf` file with the provider of the example. */
const forMoto = `provider "aws" {
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
`;

/** Moto forgets the description of a rule that refers to a group or to a prefix list. On AWS, a plan compares it. */
const rulesThatMotoForgets = {
  network: [
    'egress_rule" "runner_to_endpoints',
    'egress_rule" "runner_to_s3',
    'ingress_rule" "endpoints_from_runner',
    'ingress_rule" "endpoints_from_functions',
  ],
  server: ['egress_rule" "load_balancer', 'ingress_rule" "server'],
};

async function ignoreDescriptions(): Promise<void> {
  for (const [module, rules] of Object.entries(rulesThatMotoForgets)) {
    const overrides = rules.map(
      (rule) =>
        `resource "aws_vpc_security_group_${rule}" {\n  lifecycle {\n    ignore_changes = [description]\n  }\n}\n`,
    );
    await writeFile(join(tree(), 'terraform/modules', module, 'moto_override.tf'), overrides.join(''));
  }
}

interface Resources {
  readonly resources?: { readonly address: string; readonly values: Record<string, unknown> }[] | undefined;
  readonly child_modules?: Resources[] | undefined;
}
const resourcesSchema: z.ZodType<Resources> = z.object({
  resources: z.array(z.object({ address: z.string(), values: z.record(z.string(), z.unknown()) })).optional(),
  get child_modules() {
    return z.array(resourcesSchema).optional();
  },
});
/** The values of each resource, by its address. */
export type AppliedResources = ReadonlyMap<string, Record<string, unknown>>;
/** Without values after everything was deleted. */
const stateSchema = z.object({ values: z.object({ root_module: resourcesSchema }).optional() });
const environmentSchema = z.tuple([z.object({ variables: z.record(z.string(), z.string()) })]);

/**
 * Applies an example to moto's account.
 *
 * @param override is merged into its files.
 */
export function appliedExample(example: string, variables: Readonly<Record<string, string>>, override = '') {
  const folder = `terraform/examples/${example}`;
  const given = Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`);
  const common = ['-input=false', '-no-color', '-parallelism=20', ...given];
  return {
    folder,
    prepare: async (): Promise<void> => {
      await writeFile(join(tree(), folder, 'moto_override.tf'), forMoto + override);
      await ignoreDescriptions();
    },
    apply: async (): Promise<string> => {
      await init(folder);
      return terraform(folder, ['apply', '-auto-approve', ...common]);
    },
    /** @throws Error with the changes, if the plan has any. */
    planNothing: (): Promise<string> => terraform(folder, ['plan', '-detailed-exitcode', ...common]),
    destroy: (): Promise<string> => terraform(folder, ['destroy', '-auto-approve', ...common]),
    resources: async (): Promise<AppliedResources> => {
      const state = stateSchema.parse(JSON.parse(await terraform(folder, ['show', '-json'])));
      return new Map(all(state.values?.root_module ?? {}).map(({ address, values }) => [address, values]));
    },
  };
}

/** Returns the environment of a function of the example. */
export function environmentOf(resources: AppliedResources, name: string): Record<string, string> {
  const values = resources.get(`module.berth.module.app.module.${name}.aws_lambda_function.this`);
  return environmentSchema.parse(values?.environment)[0].variables;
}

function all({ resources = [], child_modules = [] }: Resources): NonNullable<Resources['resources']> {
  return [...resources, ...child_modules.flatMap(all)];
}
