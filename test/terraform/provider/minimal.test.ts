import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientOptions } from '../../aws/moto.ts';
import { eventually } from '../../helpers/eventually.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../../helpers/github-stand-in/state.ts';
import { type AppliedResources, appliedExample, environmentOf } from './applied.ts';
import { startBerth } from './berth-on-moto.ts';

const settings = `
suites:
  unit:
    command: sh test.sh
    junit: junit.xml
    stack: true
`;
const script = `cat > junit.xml <<'XML'
<testsuite name="cart" tests="1"><testcase classname="cart" name="adds up the prices" time="0.02"/></testsuite>
XML
echo "tests on $BERTH_STACK"
`;

describe('examples/minimal, applied', () => {
  const secret = 'berth/github-app-of-minimal';
  const example = appliedExample('minimal', {
    project: 'berth-minimal',
    github_app_secret: `secretsmanager:${secret}`,
    deletion_protection: 'false',
  });
  let resources: AppliedResources;
  beforeAll(async () => {
    await example.apply();
    resources = await example.resources();
  });

  it('is what it says: a second plan changes nothing', async () => {
    expect(await example.planNothing()).toContain('No changes.');
  });

  it('has nothing that costs while nothing runs but its alarms', () => {
    const types = [...resources.keys()].map((address) => address.split('.').at(-2));
    for (const costly of ['aws_nat_gateway', 'aws_eip', 'aws_kms_key', 'aws_cloudwatch_dashboard'])
      expect(types).not.toContain(costly);
    const endpoints = [...resources].filter(([address]) => address.includes('.aws_vpc_endpoint.'));
    expect(endpoints.map(([, { vpc_endpoint_type }]) => vpc_endpoint_type)).toEqual(['Gateway', 'Gateway']);
    const alarms = types.filter((type) => type === 'aws_cloudwatch_metric_alarm');
    expect(alarms.length * 0.1).toBeLessThan(1);
  });

  describe('with the app on it', () => {
    let github: GithubStandIn;
    let repository: RepositoryState;
    let berth: Awaited<ReturnType<typeof startBerth>>;
    beforeAll(async () => {
      github = await startGithubStandIn();
      const { appId, privateKey, webhookSecret } = github.identity;
      const SecretString = JSON.stringify({ appId, privateKey, webhookSecret });
      const secrets = new SecretsManagerClient(clientOptions());
      await secrets.send(new CreateSecretCommand({ Name: secret, SecretString }));
      berth = await startBerth(resources, {
        ...environmentOf(resources, 'queue'),
        GHE_HOST: github.host,
        GHE_PROTOCOL: 'http',
      });
      repository = await github.addRepository({
        name: 'shop',
        isPrivate: true,
        files: { '.github/berth.yml': settings, 'test.sh': script },
        collaborators: { dana: 'write' },
      });
      github.state.webhookUrl = `${berth.url}/api/github/webhooks`;
    });
    afterAll(async () => {
      await berth?.stop();
      await github?.close();
    });

    it('takes a pull request from the webhook to the check run: stack, task, log and report', async () => {
      const sha = await repository.git.commit('topic', { 'a.txt': 'a' }, { from: 'main' });
      await github.people.openPullRequest(repository, { branch: 'topic' });
      const check = await eventually(
        'the check run to conclude',
        async () => repository.checkRuns.find((one) => one.headSha === sha && one.conclusion != null),
        240,
      );
      expect(check).toMatchObject({ name: 'berth/unit', conclusion: 'success' });
      expect(berth.launched()).toBe(1);
      const id = check.externalId ?? '';
      expect(await berth.ask(`/workflow/${id}/status`)).toMatchObject({
        status: 'STOPPED',
        state: 'succeeded',
        stack_name: 'test-1',
        exit_code: 0,
      });
      expect(await berth.ask(`/workflow/${id}/logs?format=json`)).toMatchObject({
        lines: expect.arrayContaining([
          expect.objectContaining({ text: expect.stringContaining('tests on test-1') }),
        ]),
      });
      const s3 = new S3Client({ ...clientOptions(), forcePathStyle: true });
      const Bucket = environmentOf(resources, 'http').BERTH_BUCKET;
      const report = await s3.send(new HeadObjectCommand({ Bucket, Key: `test_reports/${id}/report.html` }));
      expect(report.ContentType).toContain('text/html');
    });
  });
});
