import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../app/adapters/system/system-clock.ts';
import { systemIds } from '../../../app/adapters/system/system-ids.ts';
import { type ChooseExecutorOptions, chooseExecutor } from '../../../app/wiring/choose-executor.ts';
import { silentLogger } from '../../helpers/silent-logger.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

describe('the choice of an executor without a Docker engine', () => {
  let directory: TemporaryDirectory;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory.remove());

  const options = (change: Partial<ChooseExecutorOptions>): ChooseExecutorOptions => ({
    wanted: 'auto',
    dockerHost: `unix://${directory.path}/docker.sock`,
    homeDir: directory.path,
    dataDir: directory.path,
    exposure: { isLoopback: true, hasApp: false },
    installDir: directory.path,
    secretFiles: [],
    instance: 'test',
    image: 'berth-runner:local',
    network: 'bridge',
    readonlyRootfs: false,
    diskGib: 20,
    socketDirectory: directory.path,
    port: 3000,
    runnerPath: '/opt/runner.js',
    nodePath: process.execPath,
    taskEnv: { PATH: '/usr/bin:/bin' },
    objectsBaseUrl: 'http://127.0.0.1:3000',
    clock: systemClock,
    ids: systemIds,
    logger: silentLogger,
    platform: process.platform,
    ...change,
  });

  it('is process by default, with the reason', async () => {
    const { executor, reason } = await chooseExecutor(options({}));
    expect(executor.name).toBe('process');
    expect(reason).toMatch(
      /^process: no Docker engine answers at unix:.*docker\.sock; (tasks are isolated by namespaces|no isolation \(.+\))$/,
    );
  });

  it('is process if that was requested', async () => {
    const { executor, reason, warning } = await chooseExecutor(options({ wanted: 'process' }));
    expect(executor.name).toBe('process');
    expect(reason).toMatch(/^process: set by BERTH_EXECUTOR; /);
    expect(warning).toBeUndefined();
  });

  it.each([
    ['from other machines', { isLoopback: false, hasApp: false }],
    ['with a GitHub App', { isLoopback: true, hasApp: true }],
  ])('is not process by itself for a server that is reached %s', async (_, exposure) => {
    await expect(chooseExecutor(options({ exposure }))).rejects.toMatchObject({
      code: 'isolation_required',
      message: expect.stringContaining('no Docker engine answers'),
      hint: expect.stringContaining('BERTH_EXECUTOR=process'),
    });
    const { executor, warning } = await chooseExecutor(options({ exposure, wanted: 'process' }));
    expect(executor.name).toBe('process');
    expect(warning).toMatch(/processes of this machine/);
  });

  it('is process without isolation where the system has none, and says so', async () => {
    const { reason } = await chooseExecutor(options({ platform: 'darwin' }));
    expect(reason).toMatch(/; no isolation \(darwin has no namespaces\)$/);
  });

  it('is an error with a hint if docker was requested', async () => {
    await expect(chooseExecutor(options({ wanted: 'docker' }))).rejects.toMatchObject({
      code: 'engine_unreachable',
      message: `no Docker engine answers at unix://${directory.path}/docker.sock`,
      hint: expect.stringContaining('Start Docker'),
    });
  });

  it('reports an invalid address', async () => {
    const wrong = options({ wanted: 'docker', dockerHost: 'ssh://somewhere' });
    await expect(chooseExecutor(wrong)).rejects.toMatchObject({
      message: 'Docker engines at "ssh://somewhere" are not supported',
    });
  });

  it('gives tasks a server address that they can reach', async () => {
    const { executor } = await chooseExecutor(options({}));
    expect(executor.objectsBaseUrl).toBe('http://127.0.0.1:3000');
  });
});
