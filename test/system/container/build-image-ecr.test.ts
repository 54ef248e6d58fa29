import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { connectEngine } from '../../../app/adapters/docker/docker-engine.ts';
import { type EcrStandIn, ecrStandIn } from '../../helpers/ecr-stand-in.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

const script = fileURLToPath(new URL('../../../scripts/build-image.sh', import.meta.url));
const baseImage = process.env.BERTH_RUNNER_IMAGE ?? 'berth-runner:test';
const awsCli = process.env.BERTH_TEST_AWS_CLI ?? '/usr/bin/aws';

let directory: TemporaryDirectory;
let app: string;
let ecr: EcrStandIn;
let repository: string;
let count = 0;
beforeAll(async () => {
  directory = await temporaryDirectory();
  app = join(directory.path, 'app');
  await mkdir(app);
  ecr = await ecrStandIn(process.env.BERTH_TEST_MOTO_URL ?? '', directory.path);
  const location = new URL(ecr.url).host;
  const withoutTls = `[[registry]]\nlocation = "${location}"\ninsecure = true\n`;
  const ofSkopeo = join(directory.path, '.config/containers');
  await mkdir(ofSkopeo, { recursive: true });
  await writeFile(join(ofSkopeo, 'registries.conf'), withoutTls);
});
afterAll(async () => {
  const { docker } = await connectEngine(
    process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock',
    process.platform,
  );
  const filters = { reference: [`${new URL(ecr.url).host}/*`] };
  for (const { Id } of await docker.listImages({ filters }))
    await docker.getImage(Id).remove({ force: true });
  await ecr.close();
  await directory.remove();
});
beforeEach(async () => {
  repository = `runner-${++count}`;
  await ecr.createRepository(repository, 'IMMUTABLE');
  await write('one');
});

const write = (content: string) =>
  writeFile(
    join(app, 'Dockerfile'),
    `FROM scratch AS base\nLABEL content="${repository} ${content}"\nCOPY Dockerfile /\n`,
  );

/** The script with the real docker and the real AWS CLI. */
function build(env: Record<string, string> = {}, ...args: string[]) {
  return new Promise<{ exitCode: unknown; out: string; err: string }>((resolve) => {
    const settings = {
      PATH: `${dirname(awsCli)}:${process.env.PATH}`,
      HOME: directory.path,
      // Where `docker login` writes.
      DOCKER_CONFIG: join(directory.path, 'docker'),
      ...(process.env.DOCKER_HOST === undefined ? {} : { DOCKER_HOST: process.env.DOCKER_HOST }),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_ENDPOINT_URL_ECR: ecr.url,
      ECR_REPO_NAME: repository,
      APP_DIR: app,
      SBOM_DIR: join(directory.path, 'sbom'),
      BASE_IMAGE: baseImage,
      CONTAINER_TOOL: 'docker',
      COMPRESSION: 'gzip',
    };
    execFile(script, args, { env: { ...settings, ...env } }, (error, out, err) =>
      resolve({ exitCode: error?.code ?? 0, out, err }),
    );
  });
}

async function pushedUri(env: Record<string, string> = {}): Promise<string> {
  const { exitCode, out, err } = await build(env);
  if (exitCode !== 0) throw new Error(`build-image.sh exited with ${exitCode}:\n${err}`);
  return out.trim();
}
const pushesTo = () => ecr.pushed.filter((name) => name.startsWith(`${repository}:`));
const uriOf = (digest: string | undefined) => `${new URL(ecr.url).host}/${repository}@${digest}`;

describe('scripts/build-image.sh with an engine, a registry and the API of ECR', () => {
  it('pushes once, and tells the URI with the digest that ECR has', async () => {
    const first = await pushedUri();
    const tags = await ecr.tags(repository);
    expect(Object.keys(tags)).toEqual([expect.stringMatching(/^base-amd64-[0-9a-f]{16}$/)]);
    expect(first).toBe(uriOf(Object.values(tags)[0]));
    expect(await pushedUri()).toBe(first);
    expect(pushesTo()).toHaveLength(1);
  });

  it('leaves what was pushed as it is, and pushes what has changed next to it', async () => {
    const first = await pushedUri();
    await write('two');
    const second = await pushedUri();
    expect(second).not.toBe(first);
    expect(
      Object.values(await ecr.tags(repository))
        .map(uriOf)
        .toSorted(),
    ).toEqual([first, second].toSorted());
  });

  it('gives a further tag once, without a second push, and refuses to move it', async () => {
    const first = await pushedUri({ IMAGE_TAG: 'release-1' });
    expect(uriOf((await ecr.tags(repository))['release-1'])).toBe(first);
    expect(await pushedUri({ IMAGE_TAG: 'release-1' })).toBe(first);
    expect(pushesTo()).toHaveLength(1);

    await write('two');
    const { exitCode, out, err } = await build({ IMAGE_TAG: 'release-1' });
    expect([exitCode, out]).toEqual([73, '']);
    expect(err).toContain('tags of this repository are immutable');
    expect(uriOf((await ecr.tags(repository))['release-1'])).toBe(first);
  });

  it('pushes layers with zstd, and adds a tag to them', async () => {
    const pushed = await pushedUri({ COMPRESSION: 'zstd', IMAGE_TAG: 'release-1' });
    expect(uriOf((await ecr.tags(repository))['release-1'])).toBe(pushed);
    const manifest = await fetch(`${ecr.url}/v2/${repository}/manifests/${pushed.split('@')[1]}`, {
      headers: { accept: 'application/vnd.oci.image.manifest.v1+json', authorization: 'Basic QVdTOng=' },
    });
    expect(await manifest.json()).toMatchObject({
      layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+zstd' }],
    });
  });

  it('says so when there is no such repository, and pushes nothing', async () => {
    const { exitCode, err } = await build({ ECR_REPO_NAME: 'nobodys' });
    expect(exitCode).toBe(66);
    expect(err).toContain('the repository nobodys in us-east-1 does not exist');
    expect(ecr.pushed.filter((name) => name.startsWith('nobodys'))).toEqual([]);
  });

  it('changes nothing in a dry run', async () => {
    const { exitCode, err } = await build({}, '--dry-run');
    expect(exitCode).toBe(0);
    expect(err).toContain('would run: docker push');
    expect(pushesTo()).toEqual([]);
    expect(await ecr.tags(repository)).toEqual({});
  });
});
