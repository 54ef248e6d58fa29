import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectEngine } from '../../../app/adapters/docker/docker-engine.ts';
import { parseConfig } from '../../../app/wiring/config/config.ts';
import { type RunningServer, serve } from '../../../app/wiring/server.ts';
import { callTo } from '../../helpers/call-to.ts';
import { eventually } from '../../helpers/eventually.ts';
import { runPastUploads, withExpiringUploads } from '../../helpers/expiring-uploads.ts';
import { type GitRepository, gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

const junit =
  '<testsuite name="s"><testcase name="a"/><testcase name="b"><failure message="no"/></testcase></testsuite>';
const apiKey = 'a-key-for-the-tests-of-containers';

const configOf = (directory: TemporaryDirectory) =>
  parseConfig({
    PORT: '0',
    BERTH_DATA_DIR: join(directory.path, 'data'),
    BERTH_API_KEY: apiKey,
    BERTH_EXECUTOR: 'docker',
    BERTH_RUNNER_IMAGE: process.env.BERTH_RUNNER_IMAGE,
    DOCKER_HOST: process.env.DOCKER_HOST,
    BERTH_ALLOW_FILE_URLS: 'true',
  });

describe('a server with the docker executor', () => {
  let directory: TemporaryDirectory;
  let repository: GitRepository;
  let server: RunningServer;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    repository = await gitRepository(join(directory.path, 'repository'), { 'junit.xml': junit });
    server = await serve(configOf(directory));
  });
  afterAll(async () => {
    await server.close();
    await directory.remove();
  });

  async function request(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await callTo(server, apiKey)(method, path, body);
    // Every answer of the API is an object.
    return (await response.json()) as Record<string, unknown>;
  }

  async function run(command: string) {
    const { workflow_id: id } = await request('POST', '/workflow/execute', {
      repo_url: repository.url,
      branch: repository.branch,
      test_command: command,
      cache: { key: 'junit.xml', paths: ['~/.cache/tool', 'vendor'] },
    });
    return eventually('the run to end', async () => {
      const status = await request('GET', `/workflow/${id}/status`);
      return status.conclusion != null && { ...status, id };
    });
  }

  it('says at its start that docker runs the tests', () => {
    expect(server.executorReason).toMatch(/^docker: engine /);
  });

  it('runs a branch in a container, from the clone to the report', async () => {
    const status = await run('echo "in $(hostname)"; exit 3');
    expect(status).toMatchObject({ state: 'failed', exit_code: 3 });
    const { lines } = await request('GET', `/workflow/${status.id}/logs`);
    expect(JSON.stringify(lines)).toMatch(/in [0-9a-f]{12}/);
  });

  it('restores in a fresh container what an earlier one cached', async () => {
    expect(await run('mkdir -p ~/.cache/tool vendor && touch ~/.cache/tool/a vendor/b')).toMatchObject({
      state: 'succeeded',
    });
    const warm = await run('test -e ~/.cache/tool/a && test -e vendor/b');
    expect(warm).toMatchObject({ state: 'succeeded' });
    const { caches } = await request('GET', `/workflow/${warm.id}`);
    expect(caches).toEqual([expect.objectContaining({ outcome: 'hit' })]);
  });

  it('removes the container once its run is settled', async () => {
    const { id } = await run('true');
    const engine = await connectEngine(process.env.DOCKER_HOST ?? '', process.platform);
    const filters = { label: [`berth.run=${id}`] };
    await eventually('the container to be removed', async () => {
      const containers = await engine.docker.listContainers({ all: true, filters });
      const networks = await engine.docker.listNetworks({ filters });
      return containers.length + networks.length === 0;
    });
  });
});

it('a run in a container outlives its first upload URLs, and renews them through the socket', async () => {
  const directory = await temporaryDirectory();
  const repository = await gitRepository(join(directory.path, 'repository'), { 'junit.xml': junit });
  const server = await serve(configOf(directory), withExpiringUploads);
  try {
    const { run, artifact } = await runPastUploads(callTo(server, apiKey), repository);
    expect(run).toMatchObject({ state: 'succeeded' });
    expect(artifact).toBe('kept\n');
  } finally {
    await server.close();
    await directory.remove();
  }
});
