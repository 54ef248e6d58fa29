import { describe, expect, it } from '@jest/globals';
import { type ContainerSurroundings, containerSpec } from '../../../../app/adapters/docker/container-spec.ts';
import { projectId, runId } from '../../../../app/core/model/ids.ts';
import type { LaunchRequest } from '../../../../app/ports/executor.ts';

const request: LaunchRequest = {
  runId: runId('01RUN'),
  projectId: projectId('shop'),
  launch: 2,
  jobUrl: 'http+unix://%2Fberth%2Fberth.sock/objects/job?signature=1',
  cpuUnits: 512,
  memoryMib: 768,
  timeoutSeconds: 300,
  env: { RUN_ID: '01RUN', BERTH_JOB_URL: 'http://elsewhere' },
  stackName: 'test-1',
  untrusted: false,
};
const surroundings: ContainerSurroundings = {
  instance: 'i1',
  image: 'berth-runner:local',
  command: ['node', '/opt/runner.js'],
  hasInit: false,
  network: 'berth-01RUN-2',
  logPath: '/data/logs/01RUN.log',
  taskDirectory: '/data/tasks/01RUN-2',
  socketDirectory: '/data/socket',
  cpus: 4,
  readonlyRootfs: false,
  diskGib: 20,
  limitsStorage: true,
};
const spec = (change: Partial<LaunchRequest> = {}, place: Partial<ContainerSurroundings> = {}) =>
  containerSpec({ ...request, ...change }, { ...surroundings, ...place });

describe('the container of a task', () => {
  it('has the requested CPU and memory, and no swap', () => {
    expect(spec().HostConfig).toMatchObject({
      NanoCpus: 500_000_000,
      Memory: 768 * 1024 * 1024,
      MemorySwap: 768 * 1024 * 1024,
    });
  });

  it('has at most the existing CPUs, because the engine would reject more', () => {
    expect(spec({ cpuUnits: 16_384 }).HostConfig?.NanoCpus).toBe(4e9);
  });

  it('cannot gain privileges, and has a process limit', () => {
    expect(spec().HostConfig).toMatchObject({
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: 2048,
    });
    expect(spec().HostConfig?.Privileged).toBeUndefined();
  });

  it("has one init: the image's, otherwise the engine's", () => {
    expect(spec().HostConfig?.Init).toBe(true);
    expect(spec({}, { hasInit: true }).HostConfig?.Init).toBe(false);
  });

  it('has labels for its run and installation', () => {
    expect(spec().Labels).toEqual({
      'berth.server': 'i1',
      'berth.run': '01RUN',
      'berth.launch': '2',
      'berth.project': 'shop',
      'berth.stack': 'test-1',
      // Not that of an image with this label.
      'berth.services': '[]',
    });
  });

  it('fetches its job, and no other', () => {
    expect(spec().Env).toEqual(['RUN_ID=01RUN', `BERTH_JOB_URL=${request.jobUrl}`, 'BERTH_LOG_TIMES=true']);
  });

  it('starts the command of its image', () => {
    expect(spec()).toMatchObject({ Image: 'berth-runner:local', Cmd: ['node', '/opt/runner.js'] });
  });

  it('can write only to its own log on the machine', () => {
    const writable = spec().HostConfig?.Mounts?.filter((mount) => mount.ReadOnly !== true);
    expect(writable?.map(({ Source }) => Source)).toEqual(['/data/logs/01RUN.log']);
  });

  it('sees a local repository at its path, read-only', () => {
    expect(spec({ localRepository: '/home/dana/shop' }).HostConfig?.Mounts).toContainEqual({
      Type: 'bind',
      Source: '/home/dana/shop',
      Target: '/home/dana/shop',
      ReadOnly: true,
    });
  });

  it('reaches the server over TCP if there is no socket to share', () => {
    const { socketDirectory: _, ...place } = surroundings;
    const { HostConfig: host } = containerSpec(request, place);
    expect(host?.ExtraHosts).toEqual(['host.docker.internal:host-gateway']);
    expect(host?.Mounts?.map(({ Target }) => Target)).not.toContain('/berth');
  });

  it('has a disk quota 10% above its limit if the engine supports quotas', () => {
    const size = (gib: number) => ({ size: String(Math.ceil(gib * 1.1 * 1024 ** 3)) });
    expect(spec({ ephemeralStorageGib: 21 }).HostConfig?.StorageOpt).toEqual(size(21));
    expect(spec({}, { diskGib: 0.5 }).HostConfig?.StorageOpt).toEqual(size(0.5));
    expect(spec({}, { limitsStorage: false }).HostConfig?.StorageOpt).toBeUndefined();
  });

  it('can write only to /tmp with a read-only root', () => {
    const { HostConfig: host, Env: env } = spec({}, { readonlyRootfs: true });
    expect(host?.ReadonlyRootfs).toBe(true);
    expect(host?.Mounts).toContainEqual({ Type: 'volume', Source: '', Target: '/tmp' });
    expect(env).toContain('HOME=/tmp');
  });
});
