import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensurePrograms, run } from './programs.mjs';

const release = 'bookworm';
/** What a company trusts beyond the authorities of the system: builds fetch packages by it, as this machine does. */
const ownAuthorities = '/usr/local/share/ca-certificates';
/** As Debian's own slim images leave it out. */
const leftOut = ['doc', 'man', 'locale', 'info', 'groff', 'lintian'].map(
  (folder) => `--dpkgopt=path-exclude=/usr/share/${folder}/*`,
);

/**
 * Brings an engine an image of Debian: the one of the registry, or where none can be reached one that is made of
 * Debian's packages.
 *
 * @param {import('dockerode')} docker
 * @returns {Promise<string>} its name
 */
export async function debianBase(docker) {
  const official = `debian:${release}-slim`;
  const pulled = await docker.pull(official).then(
    (stream) => followed(docker, stream),
    (error) =>
      console.error(`No registry can be reached (${error.message}): making Debian from its packages.`),
  );
  if (pulled !== undefined) return official;
  const made = `berth-debian:${release}`;
  if (!(await hasImage(docker, made))) await make(docker, made);
  return made;
}

async function make(docker, name) {
  await ensurePrograms({ mmdebstrap: 'mmdebstrap' });
  const directory = await mkdtemp(join(tmpdir(), 'berth-debian-'));
  try {
    const archive = join(directory, 'debian.tar');
    const packages = ['--variant=minbase', '--include=ca-certificates'];
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
    const [repo, tag] = name.split(':');
    await followed(docker, await docker.importImage(createReadStream(archive), { repo, tag }));
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function trust() {
  const files = await readdir(ownAuthorities).catch(() => []);
  if (files.length === 0) return [];
  const hooks = [`sync-in ${ownAuthorities} ${ownAuthorities}`, 'chroot "$1" update-ca-certificates'];
  return hooks.map((hook) => `--customize-hook=${hook}`);
}

/** Where this machine gets this release of Debian from; none: mmdebstrap's own choice. */
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

/** Waits for the end of what an engine tells line by line. */
function followed(docker, stream) {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, lines) => {
      const failed = lines?.find((line) => line.error !== undefined);
      if (error ?? failed) reject(error ?? new Error(failed.error));
      else resolve(lines);
    });
  });
}
