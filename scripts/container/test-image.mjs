import { createReadStream } from 'node:fs';
import { access, copyFile, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePrograms, run } from './programs.mjs';

/** What the runner and the tests of its containers use; `iproute2` is for the executor, which refuses addresses by it. */
const packages = ['ca-certificates', 'git', 'iproute2'];
const release = 'bookworm';

/**
 * Builds a small image with the runner of this tree, without a registry: Debian from its packages, and the Node that
 * runs this script.
 *
 * @param {import('dockerode')} docker
 * @param {string} tag
 * @param {{ cache: string, runner: string }} options `cache` is kept between runs
 */
export async function buildTestImage(docker, tag, { cache, runner }) {
  const base = `${tag.split(':')[0]}-base:test`;
  if (!(await hasImage(docker, base))) await importBase(docker, base, await baseArchive(cache));

  const context = await mkdtemp(join(tmpdir(), 'berth-image-'));
  try {
    await copyFile(process.execPath, join(context, 'node'));
    await copyFile(runner, join(context, 'runner.js'));
    await writeFile(join(context, 'Dockerfile'), dockerfile(base));
    const stream = await docker.buildImage({ context, src: ['Dockerfile', 'node', 'runner.js'] }, { t: tag });
    await followed(docker, stream);
  } finally {
    await rm(context, { recursive: true });
  }
}

const dockerfile = (base) => `FROM ${base}
COPY node /usr/local/bin/node
COPY runner.js /opt/berth/runner.js
RUN useradd --create-home --uid 10001 berth
USER berth
WORKDIR /home/berth
ENTRYPOINT ["node", "/opt/berth/runner.js"]
`;

async function baseArchive(cache) {
  const archive = join(cache, `${release}-${packages.join('-')}.tar`);
  if (
    await access(archive).then(
      () => true,
      () => false,
    )
  )
    return archive;
  await ensurePrograms({ mmdebstrap: 'mmdebstrap' });
  await mkdir(cache, { recursive: true });
  const draft = `${archive}.draft.tar`;
  await run('mmdebstrap', '--quiet', '--variant=minbase', `--include=${packages.join(',')}`, release, draft);
  await rename(draft, archive);
  return archive;
}

async function importBase(docker, base, archive) {
  const [repo, tag] = base.split(':');
  await followed(docker, await docker.importImage(createReadStream(archive), { repo, tag }));
}

async function hasImage(docker, name) {
  return docker
    .getImage(name)
    .inspect()
    .then(
      () => true,
      (error) => {
        if (error.statusCode === 404) return false;
        throw error;
      },
    );
}

/** Waits for the end of what an engine tells line by line. */
function followed(docker, stream) {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, lines) => {
      const failed = lines?.find((line) => line.error !== undefined);
      if (error ?? failed) reject(error ?? new Error(failed.error));
      else resolve();
    });
  });
}
