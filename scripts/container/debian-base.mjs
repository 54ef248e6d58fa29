import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { ensurePrograms, run } from './programs.mjs';

const release = 'bookworm';
/** The company's certificate authorities, which builds need to download packages. */
const ownAuthorities = '/usr/local/share/ca-certificates';
/** Debian's slim images leave these out too. */
const leftOut = ['doc', 'man', 'locale', 'info', 'groff', 'lintian'].map(
  (folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
);

/**
 * Provides a Debian image: from the registry, or, if no registry is reachable, built from Debian packages.
 *
 * @param {import('dockerode')} docker
 * @param {string} [platform] if omitted, the engine's own
 * @returns {Promise<string>} the name of the image
 */
export async function debianBase(docker, platform) {
  const official = `debian:${release}-slim`;
  const pulled = await docker.pull(official, platform === undefined ? {} : { platform }).then(
    (stream) => followed(docker, stream),
    (error) =>
      console.error(`No registry is reachable (${error.message}). Building Debian from its packages.`),
  );
  if (pulled !== undefined) return official;
  // Debian and container engines use the same architecture names.
  const architecture = platform?.split('/')[1] ?? (await docker.version()).Arch;
  const made = `berth-debian:${release}${platform === undefined ? '' : `-${architecture}`}`;
  if (!(await hasImage(docker, made))) await make(docker, made, architecture);
  return made;
}

async function make(docker, name, architecture) {
  await ensurePrograms({ mmdebstrap: 'mmdebstrap' });
  const directory = await mkdtemp(join(tmpdir(), 'berth-debian-'));
  try {
    const archive = join(directory, 'debian.tar');
    const packages = ['--variant=minbase', '--include=ca-certificates', `--architectures=${architecture}`];
    const options = [...packages, ...leftOut, '--dpkgopt=path-include=/usr/share/doc/*/copyright'];
    await run(
      'mmdebstrap',
      '--quiet',
      ...options,
      ...(await trust()),
      release,
      archive,
      ...(await mirrors()),
    );
    const image = await archived(directory, archive, name, architecture);
    await followed(docker, await docker.loadImage(createReadStream(image)));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/**
 * Writes a single-layer image in the format of `docker save`. `docker import` does not work here: the engine of Debian 12
 * records its own architecture for everything that it imports.
 */
async function archived(directory, layer, name, architecture) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(layer), hash);
  const config = {
    architecture,
    os: 'linux',
    created: new Date().toISOString(),
    config: { Cmd: ['/bin/bash'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] },
  };
  const manifest = [{ Config: 'config.json', RepoTags: [name], Layers: [basename(layer)] }];
  await writeFile(join(directory, 'config.json'), JSON.stringify(config));
  await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
  const image = join(directory, 'image.tar');
  await run('tar', '-C', directory, '-cf', image, 'manifest.json', 'config.json', basename(layer));
  return image;
}

async function trust() {
  const files = await readdir(ownAuthorities).catch(() => []);
  if (files.length === 0) return [];
  const hooks = [`sync-in ${ownAuthorities} ${ownAuthorities}`, 'chroot "$1" update-ca-certificates'];
  return hooks.map((hook) => `--customize-hook=${hook}`);
}

/** Returns the machine's package sources for this Debian release. If empty, mmdebstrap uses its default. */
async function mirrors() {
  const format = '$(CREATED_BY) $(ORIGIN) $(COMPONENT) $(RELEASE) $(REPO_URI)';
  const { stdout } = await promisify(execFile)('apt-get', ['indextargets', '--format', format]);
  const lines = stdout.split('\n').map((line) => line.split(' '));
  return lines
    .filter(
      ([kind, origin, component, suite = '']) =>
        kind === 'Packages' && origin === 'Debian' && component === 'main' && suite.startsWith(release),
    )
    .map(([, , component, suite, address]) => `deb ${address} ${suite} ${component}`);
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

/** Waits for the end of an engine's progress stream. */
function followed(docker, stream) {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, lines) => {
      const failed = lines?.find((line) => line.error !== undefined);
      if (error ?? failed) reject(error ?? new Error(failed.error));
      else resolve(lines);
    });
  });
}
