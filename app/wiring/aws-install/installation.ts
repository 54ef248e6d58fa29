import { join, relative } from 'node:path';
import { z } from 'zod';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { parseJson } from '../../lib/parse-json.ts';

/** How tasks reach the internet in a VPC that Berth creates, or the ID of an existing VPC. */
const networkRule = /^(public|nat|endpoints|vpc-[0-9a-f]{8,17})$/;

/** The decisions of a person about an installation: stored in `berth.json` of its directory. */
export const installationSchema = z.strictObject({
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as eu-central-1'),
  project: z
    .string()
    .regex(/^[a-z][a-z0-9-]{1,20}[a-z0-9]$/, 'must be 3 to 22 lowercase letters, digits and hyphens')
    .default('berth'),
  network: z
    .string()
    .regex(networkRule, 'must be public, nat, endpoints, or the ID of a VPC')
    .default('public'),
  /** Owner of the GitHub App. If omitted, the person who creates it. */
  organization: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of an organization')
    .optional(),
  github: z.boolean().default(true),
  /** The runner's image in another repository. If omitted, this command builds it. */
  image: z.string().optional(),
  /** When a person last asked for the runner's image with updates of its base image. */
  refresh: z.string().optional(),
  /** Zip file of the functions. If omitted, that of this version. */
  zip: z.string().optional(),
  /** More variables of the Terraform module. */
  variables: z.record(z.string(), z.json()).default({}),
});

export type Installation = z.output<typeof installationSchema>;

/** The places that an installation uses on this machine. */
export interface Places {
  /** The directory of Berth's own package or clone. */
  readonly root: string;
  /** The directory of the installation: its Terraform configuration and its key. */
  readonly directory: string;
}

export const githubSecretName = ({ project }: Installation): string => `/${project}/github-app`;

/** The bucket of Terraform's state. */
export const stateBucket = ({ project, region }: Installation, account: string): string =>
  `${project}-terraform-${account}-${region}`;

export interface ConfigurationOptions {
  readonly account: string;
  readonly imageTag: string;
  readonly hasApp: boolean;
  readonly isProtected: boolean;
}

/** Builds the Terraform configuration of an installation, in Terraform's JSON syntax. */
export function terraformConfiguration(
  installation: Installation,
  { root, directory }: Places,
  { account, imageTag, hasApp, isProtected }: ConfigurationOptions,
): string {
  const { project, region, image, zip, variables } = installation;
  const source = relative(directory, join(root, 'terraform'));
  const outputs = ['url', 'environment', 'function_names', 'webhook_url'];
  const configuration = {
    '//': 'Written by `berth aws`. Put variables of the module into `variables` of berth.json.',
    terraform: {
      required_version: '>= 1.10',
      required_providers: { aws: { source: 'hashicorp/aws', version: '~> 5.100' } },
      backend: {
        s3: {
          bucket: stateBucket(installation, account),
          key: `${project}.tfstate`,
          region,
          use_lockfile: true,
        },
      },
    },
    provider: { aws: { region } },
    module: {
      berth: {
        source: source.startsWith('.') ? source : `./${source}`,
        project,
        region,
        lambda_zip: zip ?? join(root, 'dist/lambda.zip'),
        image_tag: imageTag,
        ...omitUndefined({ runner_image: image }),
        ...(hasApp ? { github_app_secret: `ssm:${githubSecretName(installation)}` } : {}),
        ...networkVariables(installation.network),
        // Four alarms of 0.10 USD. All of them would cost a dollar.
        alarms: ['dead_letters', 'failed_requests', 'launches', 'sweep'],
        create_dashboard: false,
        // Without something to test, Batch would refuse every run.
        enable_batch: 'event_driven_run' in variables,
        ...variables,
        deletion_protection: isProtected,
      },
    },
    output: Object.fromEntries(outputs.map((name) => [name, { value: `\${module.berth.${name}}` }])),
  };
  return `${JSON.stringify(configuration, undefined, 2)}\n`;
}

const appliedSchema = z.object({ module: z.object({ berth: z.object({ image_tag: z.string() }) }) });

/** Reads the tag of the runner's image from a configuration. */
export function appliedImageTag(configuration: string | undefined): string | undefined {
  return appliedSchema.safeParse(parseJson(configuration ?? '')).data?.module.berth.image_tag;
}

function networkVariables(network: string): Record<string, unknown> {
  if (network.startsWith('vpc-')) return { create_vpc: false, vpc_id: network };
  return network === 'endpoints' ? { egress: network, sources: 'archive' } : { egress: network };
}
