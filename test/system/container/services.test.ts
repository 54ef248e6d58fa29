import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectEngine, type DockerEngine } from '../../../app/adapters/docker/docker-engine.ts';
import { dockerExecutor } from '../../../app/adapters/docker/docker-executor.ts';
import { serviceLogPath } from '../../../app/adapters/files/file-logs.ts';
import { systemClock } from '../../../app/adapters/system/system-clock.ts';
import { systemIds } from '../../../app/adapters/system/system-ids.ts';
import { projectId, runId } from '../../../app/core/model/ids.ts';
import { type Service, serviceDefaults } from '../../../app/core/model/service.ts';
import type { TaskStatus } from '../../../app/core/model/task.ts';
import type { Executor, LaunchRequest } from '../../../app/ports/executor.ts';
import { eventually } from '../../helpers/eventually.ts';
import { gitRepository } from '../../helpers/git-repository.ts';
import { type LocalJobs, localJobs } from '../../helpers/local-jobs.ts';
import { startServer } from '../../helpers/server-process.ts';
import { serviceImage } from '../../helpers/service-image.ts';
import { silentLogger } from '../../helpers/silent-logger.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const address = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
const runnerImage = process.env.BERTH_RUNNER_IMAGE ?? 'berth-runner:test';

/** Answers with its name; `/die` ends it, and `/eat` takes all its memory. */
const server = `
const { createServer } = require('node:http');
console.log('starting ' + process.env.NAME);
createServer((request, response) => {
  if (request.url === '/die') { console.error('dying'); process.exit(3); }
  if (request.url === '/eat') { const eaten = []; for (;;) eaten.push(Buffer.alloc(1e7, 1)); }
  response.end('I am ' + process.env.NAME + '\\n');
}).listen(8080, () => require('node:fs').writeFileSync('/tmp/ready', ''));
`;

/** A command that ends once the service does. */
const untilGone = 'for i in $(seq 300); do curl -s localhost:8080 >/dev/null || exit 1; sleep 0.1; done';

describe('services of the docker executor', () => {
  let jobs: LocalJobs;
  let engine: DockerEngine;
  let executor: Executor;
  let image: string;
  let create: () => Executor;
  beforeAll(async () => {
    jobs = await localJobs();
    engine = await connectEngine(address, process.platform);
    image = await serviceImage(engine.docker, runnerImage);
    create = () =>
      dockerExecutor({
        engine,
        dataDir: jobs.dataDir,
        instance: jobs.instance,
        image: runnerImage,
        socketDirectory: jobs.socketDir,
        port: jobs.port,
        network: 'bridge',
        readonlyRootfs: false,
        diskGib: 20,
        clock: systemClock,
        ids: systemIds,
        logger: silentLogger,
      });
    executor = create();
  });
  afterAll(async () => {
    for (const { task } of await executor.listTasks()) await executor.remove(task);
    await jobs.close();
  });

  const serviceOf = (change: Partial<Service> = {}): Service => ({
    name: 'web',
    image,
    env: { NAME: 'web' },
    command: ['node', '-e', server],
    ready: 'test -e /tmp/ready',
    ports: [],
    ...serviceDefaults,
    ...change,
  });
  const requestOf = async (command: string, services: readonly Service[]): Promise<LaunchRequest> => {
    const id = runId(`S${randomBytes(8).toString('hex')}`);
    return {
      runId: id,
      projectId: projectId('project'),
      launch: 1,
      jobUrl: await jobs.jobUrl(id, command, executor.objectsBaseUrl),
      cpuUnits: 512,
      memoryMib: 512,
      timeoutSeconds: 300,
      env: {},
      untrusted: false,
      localRepository: jobs.repository.path,
      services,
    };
  };
  const statusOf = async (arn: string): Promise<TaskStatus | undefined> =>
    (await executor.describe([{ executor: 'docker', arn }])).get(arn);
  const stopped = (arn: string) =>
    eventually('the task to stop', async () => {
      const status = await statusOf(arn);
      return status?.lastStatus === 'STOPPED' && status;
    });
  const logOf = (request: LaunchRequest, service = 'web') =>
    readFile(serviceLogPath(jobs.dataDir, request.runId, service), 'utf8');
  async function leftOf({ runId: id }: LaunchRequest): Promise<number> {
    const filters = { label: [`berth.run=${id}`] };
    const containers = await engine.docker.listContainers({ all: true, filters });
    const networks = await engine.docker.listNetworks({ filters });
    return containers.length + networks.length;
  }

  it('are reached by name and on localhost, each with a log, and nothing is left of them', async () => {
    const api = { ...serviceOf({ name: 'api', env: { NAME: 'api' } }) };
    const request = await requestOf(
      `curl -s localhost:8080; curl -s web:8080; getent hosts api; cat /proc/net/route`,
      [serviceOf(), { ...api, command: ['sh', '-c', 'getent hosts web; exec sleep 600'], ready: 'true' }],
    );
    const { arn, lastStatus } = await executor.launch(request);
    expect(lastStatus).toBe('PENDING');
    expect(await stopped(arn)).toMatchObject({ exitCode: 0 });
    const output = await jobs.log(request.runId);
    expect(output.match(/I am web/g)).toHaveLength(2);
    expect(output).toMatch(/^127\.0\.0\.1\s+api$/m);
    // The route that rejects the metadata address is in the network that services share.
    expect(output).toMatch(/0000FEA9/);
    await executor.remove({ executor: 'docker', arn });
    expect(await logOf(request)).toBe('starting web\n');
    expect(await logOf(request, 'api')).toMatch(/127\.0\.0\.1\s+web/);
    expect(await leftOf(request)).toBe(0);
    expect(output).not.toContain('starting web');
  });

  it('that never become ready keep the suite from starting, with the reason', async () => {
    const request = await requestOf('echo started', [
      serviceOf({ ready: 'echo not yet; exit 2', timeoutSeconds: 1 }),
    ]);
    const { arn } = await executor.launch(request);
    const { failure, startedAt, services } = await stopped(arn);
    expect(failure).toEqual({
      code: 'service_not_ready',
      message:
        'The service web was not ready after 1 s: `echo not yet; exit 2` ended with exit code 2. not yet',
      retryable: false,
    });
    expect(startedAt).toBeUndefined();
    expect(services).toMatchObject([{ name: 'web' }]);
    expect(await jobs.log(request.runId)).not.toContain('started');
  });

  it('that end before they are ready are named immediately', async () => {
    const request = await requestOf('true', [
      serviceOf({ command: ['sh', '-c', 'echo bad config; exit 4'] }),
    ]);
    const { arn } = await executor.launch(request);
    expect((await stopped(arn)).failure?.message).toBe('The service web exited with 4 before it was ready.');
    await eventually('the log', async () => (await logOf(request).catch(() => '')) === 'bad config\n');
  });

  it.each([
    ['die half-way', 'die', { exitCode: 3, endedEarly: true }],
    ['run out of memory', 'eat', { outOfMemory: true, endedEarly: true }],
  ])('that %s are seen, while the suite runs on', async (_, path, end) => {
    const request = await requestOf(`curl -s localhost:8080/${path} || true; ${untilGone}`, [
      serviceOf({ memoryMib: 128 }),
    ]);
    const { arn } = await executor.launch(request);
    const { services } = await stopped(arn);
    expect(services).toEqual([expect.objectContaining({ name: 'web', state: 'stopped', ...end })]);
    expect(await jobs.result(request.runId)).toMatchObject({ outcome: 'failed', exitCode: 1 });
  });

  it('are waited for by the server that follows one that died, and removed by it', async () => {
    const request = await requestOf('curl -s web:8080', [serviceOf({ ready: 'test -e /tmp/go' })]);
    const { arn } = await executor.launch(request);
    const name = `berth-${request.runId}-1-service-web`;
    const following = create();
    expect((await following.describe([{ executor: 'docker', arn }])).get(arn)?.lastStatus).toBe('PENDING');
    const made = await engine.docker
      .getContainer(name)
      .exec({ Cmd: ['touch', '/tmp/go'], AttachStdout: true });
    (await made.start({})).resume();
    await stopped(arn);
    expect(await jobs.log(request.runId)).toContain('I am web');
    // What a crash leaves in the middle of the removal is found by its labels.
    await engine.docker.getContainer(`berth-${request.runId}-1`).remove({ force: true });
    const left = (await following.listTasks()).filter(({ runId: id }) => id === request.runId);
    expect(left).toMatchObject([{ isStopped: true }]);
    for (const { task } of left) await following.remove(task);
    expect(await leftOf(request)).toBe(0);
  });

  it('are refused if their image cannot be pulled, and nothing is left', async () => {
    const request = await requestOf('true', [serviceOf({ image: 'localhost:1/missing/image:1' })]);
    await expect(executor.launch(request)).rejects.toMatchObject({
      code: 'image_not_found',
      message: expect.stringContaining('The image localhost:1/missing/image:1 of the service web'),
    });
    expect(await leftOf(request)).toBe(0);
    expect(await readdir(join(jobs.dataDir, 'tasks'))).not.toContain(`${request.runId}-1`);
  });
});

describe('a server with services', () => {
  it('continues after a kill, shows the logs, and leaves no container behind', async () => {
    const directory = await temporaryDirectory();
    const repository = await gitRepository(join(directory.path, 'repository'), { 'README.md': '#' });
    const environment = { BERTH_EXECUTOR: 'docker', BERTH_RUNNER_IMAGE: runnerImage, DOCKER_HOST: address };
    const start = () => startServer(join(directory.path, 'data'), environment);
    const { docker } = await connectEngine(address, process.platform);
    let berth = await start();
    const web = {
      image: await serviceImage(docker, runnerImage),
      env: { NAME: 'web' },
      command: ['node', '-e', server],
      ready: 'test -e /tmp/ready',
      ports: [8080],
    };
    const { body } = await berth.call('POST', '/workflow/execute', {
      repo_url: repository.url,
      branch: repository.branch,
      test_command: `curl -s web:8080/die || true; ${untilGone}`,
      stack: false,
      services: { web },
    });
    const path = `/workflow/${body.workflow_id}`;
    const filters = { label: [`berth.run=${body.id}`] };
    const left = async () => (await docker.listContainers({ all: true, filters })).length;
    await eventually('the containers', async () => (await left()) >= 2);
    await berth.kill();
    berth = await start();
    const run = await eventually('the run to end', async () => {
      const { body: now } = await berth.call('GET', path);
      return now.conclusion !== null && now;
    });
    expect(run).toMatchObject({
      state: 'failed',
      summary: expect.stringMatching(/^The service web exited with 3 before the suite ended\./),
      services: [{ name: 'web', state: 'stopped', exit_code: 3 }],
    });
    const log = await berth.call('GET', `${path}/logs?service=web`);
    expect(log.body.lines).toEqual([{ text: 'starting web' }, { text: 'dying' }]);
    await eventually('the containers to be removed', async () => (await left()) === 0);
    await berth.stop();
    await directory.remove();
  });
});
