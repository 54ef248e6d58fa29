import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { withoutDocker } from './berth-on-moto.ts';
import { describeApplied } from './describe-applied.ts';
import { describeRoles } from './describe-roles.ts';
import { describePullRequest } from './pull-request-flow.ts';
import { tree } from './terraform.ts';
import { blocksBelow, typeIn } from './typed-commands.ts';

const folder = 'terraform/examples/minimal';
const commandsOf = (heading: string): string[] => blocksBelow('terraform/README.md', heading);
const [build = '', apply = '', push = '', setup = '', ask = '', store = '', connect = ''] =
  commandsOf('## Install');

/** A region in which nothing is: a command that does not name its region fails. */
const elsewhere = { AWS_DEFAULT_REGION: 'eu-west-3' };
const type = (commands: string, variables: Readonly<Record<string, string>> = {}): Promise<string> =>
  typeIn('.', commands, { ...elsewhere, ...variables });

describeApplied(
  { example: 'minimal', type: async () => [await type(build), await type(apply)] },
  ({ resources, refresh, ofType }) => {
    it('costs only its alarms while no test runs', () => {
      const types = [...resources().keys()].map((address) => address.split('.').at(-2));
      for (const costly of ['aws_nat_gateway', 'aws_eip', 'aws_kms_key', 'aws_cloudwatch_dashboard'])
        expect(types).not.toContain(costly);
      const endpoints = [...resources()].filter(([address]) => address.includes('.aws_vpc_endpoint.'));
      expect(endpoints.map(([, { vpc_endpoint_type }]) => vpc_endpoint_type)).toEqual(['Gateway', 'Gateway']);
      const alarms = types.filter((type) => type === 'aws_cloudwatch_metric_alarm');
      expect(alarms.length * 0.1).toBeLessThan(1);
    });

    it('pushes the image, and creates a project, with the commands of the document', async () => {
      expect(await type(push)).toMatch(/berth-runner@sha256:[0-9a-f]{64}/);
      expect(await withoutDocker(() => type(setup))).toContain('"StatusCode": 200');
      const [api] = ofType('aws_apigatewayv2_api').filter(({ name }) => name === 'berth');
      expect(await type(ask)).toBe(`curl --fail-with-body ${String(api?.api_endpoint)}/healthz\n`);
    });

    it('has the commands of its own document, which change nothing', async () => {
      const [commands = ''] = blocksBelow(join(folder, 'README.md'), '# minimal');
      expect(await typeIn(folder, commands, elsewhere)).toContain('No changes.');
    });

    it('names the commands that create service-linked roles', async () => {
      const [commands = ''] = commandsOf('### Before the first apply');
      for (const command of commands.trim().split('\n')) {
        // The roles belong to the account, which other examples use too.
        const answer = await type(command).catch(String);
        expect(answer).toMatch(
          /"RoleName": "AWSServiceRoleFor|AWSServiceRoleFor\w+ (has been taken|already exists)/,
        );
      }
    });

    describePullRequest({
      resources,
      sources: 'git',
      encryption: 'AES256',
      connect: async ({ appId, privateKey, webhookSecret, clientId, clientSecret }) => {
        await writeFile(join(tree(), 'app.private-key.pem'), privateKey);
        await type(store, {
          APP_ID: String(appId),
          WEBHOOK_SECRET: webhookSecret,
          CLIENT_ID: clientId,
          CLIENT_SECRET: clientSecret,
        });
        expect(await type(connect)).toContain('Apply complete!');
        await refresh();
      },
    });
    describeRoles(resources);

    it('updates the image with the commands of the document', async () => {
      const [update = ''] = commandsOf('## Update');
      expect(await type(update)).toContain('Apply complete!');
      await refresh();
      const [runner] = ofType('aws_ecs_task_definition').filter(({ family }) => family === 'berth');
      expect(String(runner?.container_definitions)).toContain('berth-runner:2026-11"');
    });
  },
);
