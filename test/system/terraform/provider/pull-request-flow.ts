import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../helpers/eventually.ts';
import type { AppIdentity } from '../../../helpers/github-stand-in/app-identity.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../../helpers/github-stand-in/start-github-stand-in.ts';
import type { PullState, RepositoryState } from '../../../helpers/github-stand-in/state.ts';
import { clientOptions } from '../../aws/moto.ts';
import { type AppliedResources, environmentOf } from './applied.ts';
import { startBerth } from './berth-on-moto.ts';

const settings = `
suites:
  unit:
    command: sh test.sh
    junit: junit.xml
    stack: true
    concurrency: 1
    cache: { key: test.sh, paths: packages }
  yearly:
    command: sh test.sh
    branches: ['!**']
    schedule: [{ cron: 0 3 1 1 * }]
`;
const script = `mkdir -p packages && echo one > packages/one
cat > junit.xml <<'XML'
<testsuite name="cart" tests="1"><testcase classname="cart" name="adds up the prices" time="0.02"/></testsuite>
XML
echo "tests on $BERTH_STACK"
`;

/**
 * Runs the app on the resources of an example, from the webhook of a pull request until its stack is available again.
 *
 * @param options.connect stores the credentials of the GitHub App where the example reads them.
 * @param options.sources how a task gets its commit: git from GitHub, or an archive from Berth's bucket.
 * @param options.encryption the encryption of objects in the bucket.
 */
export function describePullRequest(options: {
  readonly connect: (identity: AppIdentity) => Promise<void>;
  readonly resources: () => AppliedResources;
  readonly sources: 'git' | 'archive';
  readonly encryption: 'AES256' | 'aws:kms';
}): void {
  describe('with the app on it', () => {
    const s3 = new S3Client({ ...clientOptions(), forcePathStyle: true });
    let github: GithubStandIn;
    let repository: RepositoryState;
    let berth: Awaited<ReturnType<typeof startBerth>>;
    let pull: PullState;
    let runId: string;

    beforeAll(async () => {
      github = await startGithubStandIn();
      await options.connect(github.identity);
      berth = await startBerth(options.resources(), {
        ...environmentOf(options.resources(), 'queue'),
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

    const headOf = (Key: string) => {
      const Bucket = environmentOf(options.resources(), 'http').BERTH_BUCKET;
      return s3.send(new HeadObjectCommand({ Bucket, Key }));
    };

    it('tests a pull request from the webhook to the check run, with stack, task, log and report', async () => {
      const sha = await repository.git.commit('topic', { 'a.txt': 'a' }, { from: 'main' });
      pull = await github.people.openPullRequest(repository, { branch: 'topic' });
      const check = await eventually(
        'the check run to conclude',
        async () =>
          repository.checkRuns.find(
            (one) => one.headSha === sha && one.name !== 'berth/yearly' && one.conclusion != null,
          ),
        240,
      );
      expect(check).toMatchObject({ name: 'berth/unit', conclusion: 'success' });
      expect(berth.launched()).toBe(1);
      runId = check.externalId ?? '';
      expect(await berth.ask(`/workflow/${runId}/status`)).toMatchObject({
        status: 'STOPPED',
        state: 'succeeded',
        stack_name: 'test-1',
        exit_code: 0,
      });
      expect(await berth.ask(`/workflow/${runId}/logs?format=json`)).toMatchObject({
        lines: expect.arrayContaining([
          expect.objectContaining({ text: expect.stringContaining('tests on test-1') }),
        ]),
      });
      expect(await headOf(`test_reports/${runId}/report.html`)).toMatchObject({
        ContentType: expect.stringContaining('text/html'),
        ServerSideEncryption: options.encryption,
      });
    });

    it(`passes the commit to the task only as ${options.sources}`, async () => {
      const [cloned, archived] = ['.git/git-upload-pack', '/tarball/'].map((part) =>
        github.requests.some((request) => request.includes(part)),
      );
      const isArchive = options.sources === 'archive';
      expect({ cloned, archived }).toEqual({ cloned: !isArchive, archived: isArchive });
      if (isArchive) {
        const archive = await headOf(`sources/${runId}.tar.gz`);
        expect(archive.ServerSideEncryption).toBe(options.encryption);
      }
    });

    it('cancels a run with another image and a service', async () => {
      const started = (await berth.ask('/workflow/execute', {
        method: 'POST',
        body: JSON.stringify({
          repo_url: `http://${github.host}/${repository.owner}/shop.git`,
          branch: 'main',
          test_command: 'sleep 600',
          image: 'public.ecr.aws/docker/library/python:3.13',
          services: { db: { image: 'public.ecr.aws/docker/library/postgres:16' } },
          stack: false,
        }),
      })) as { workflow_id: string };
      const path = `/workflow/${started.workflow_id}`;
      await eventually('the task of the run', async () => {
        const { task_arn } = (await berth.ask(`${path}/status`)) as { task_arn: string | null };
        return task_arn !== null;
      });
      await berth.ask(path, { method: 'DELETE' });
      await berth.sweep();
    });

    it('releases the stack when the pull request is closed', async () => {
      const stacks = () => berth.ask(`/listStacks?project=gh-${repository.id}`);
      expect(await stacks()).toMatchObject({ stacks: [{ isAvailable: false }] });
      await github.people.changePullRequest(repository, pull, 'closed');
      await eventually('the stack to be free', async () => {
        const answer = (await stacks()) as { stacks: { isAvailable: boolean }[] };
        return answer.stacks.every(({ isAvailable }) => isAvailable);
      });
    });
  });
}

/** @returns what stores the credentials under a name in Secrets Manager, for an example with `secretsmanager:<name>`. */
export const inSecretsManager =
  (Name: string) =>
  async ({ appId, privateKey, webhookSecret }: AppIdentity): Promise<void> => {
    const SecretString = JSON.stringify({ appId, privateKey, webhookSecret });
    const secrets = new SecretsManagerClient(clientOptions());
    await secrets.send(new CreateSecretCommand({ Name, SecretString }));
  };
