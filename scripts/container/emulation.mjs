import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Missing } from '../testing/missing.mjs';

const kernelDirectory = '/proc/sys/fs/binfmt_misc';

/** The two bytes that identify each architecture in an ELF header, and QEMU's name for it. */
const machines = {
  'linux/amd64': { elf: '3e00', qemu: 'x86_64' },
  'linux/arm64': { elf: 'b700', qemu: 'aarch64' },
};

export const platforms = Object.keys(machines);

/**
 * Verifies that an engine can run images of a platform: it has the same architecture, or the kernel runs their programs
 * with QEMU. This function changes nothing, because a change would affect every program of the machine.
 *
 * @param {string} platform one of {@link platforms}
 * @param {{ address: string, docker: import('dockerode') }} engine
 * @returns {Promise<boolean>} true if the images are emulated
 * @throws Missing with the commands that help
 */
export async function ensureRuns(platform, { address, docker }) {
  const { Os: system, Arch: architecture } = await docker.version();
  if (`${system}/${architecture}` === platform) return false;
  // The kernel of a remote engine, or of a desktop's virtual machine, cannot be inspected from here.
  if (process.platform !== 'linux' || !address.startsWith('unix://')) return true;
  const problem = await emulationProblem(platform);
  if (problem !== undefined) throw new Missing(problem);
  return true;
}

/**
 * Creates a variant of an image that runs tini without `-s`. QEMU 7.2 in Debian 12 rejects the kernel call behind that
 * option, and tini exits. In a container of the docker executor, tini is process 1 and reaps orphans anyway.
 *
 * @param {import('dockerode')} docker
 * @param {string} name the name of the image
 * @returns {Promise<string>} the name of the variant
 */
export async function withoutSubreaper(docker, name) {
  const { Config } = await docker.getImage(name).inspect();
  const entrypoint = Config.Entrypoint.filter((word) => word !== '-s');
  const [repo, tag] = `${name}-emulated`.split(':');
  const container = await docker.createContainer({ Image: name });
  try {
    await container.commit({ repo, tag, changes: `ENTRYPOINT ${JSON.stringify(entrypoint)}` });
  } finally {
    await container.remove();
  }
  return `${repo}:${tag}`;
}

/**
 * Explains why this machine's kernel cannot run images of another architecture.
 *
 * @param {string} platform
 * @param {string} directory the kernel's list of handlers
 * @public called by name in its tests
 * @returns {Promise<string | undefined>} the reason and what to do
 */
export async function emulationProblem(platform, directory = kernelDirectory) {
  const { elf, qemu } = machines[platform];
  const names = await readdir(directory).catch(() => []);
  if (!names.includes('register')) {
    return `${directory} is not mounted, so QEMU cannot be registered. As root: mount -t binfmt_misc binfmt_misc ${directory}`;
  }
  const handlers = names.filter((name) => name !== 'register' && name !== 'status');
  const texts = await Promise.all(handlers.map((name) => readFile(join(directory, name), 'utf8')));
  const flags = texts
    .filter((text) => text.startsWith('enabled') && new RegExp(`^magic 7f454c46\\w*${elf}$`, 'm').test(text))
    .map((text) => /^flags: (\w*)$/m.exec(text)?.[1] ?? '');
  // F: the kernel opens QEMU, which no container contains. O: the kernel also opens the program. The image's tini is
  // executable but not readable (decision 16), so QEMU could not open it with its user's rights.
  if (flags.some((found) => found.includes('F') && found.includes('O'))) return undefined;
  const found =
    flags.length === 0 ? 'has no handler for them' : `has the flags ${flags.join(' and ')} for them`;
  return `The kernel must run programs for ${platform} with QEMU and the flags O and F, but it ${found}. As root, on Debian: apt-get install qemu-user-static, and then, after each reboot: ${registration(elf, qemu)}`;
}

/** See the kernel's Documentation/admin-guide/binfmt-misc.rst. The kernel uses the handler that was registered last. */
function registration(elf, qemu) {
  const bytes = (hex) => hex.replace(/../g, '\\x$&');
  const magic = bytes(`7f454c46020101${'00'.repeat(9)}0200${elf}`);
  const mask = bytes(`${'ff'.repeat(7)}00${'ff'.repeat(8)}feffffff`);
  return `printf '%s' ':berth-${qemu}:M::${magic}:${mask}:/usr/bin/qemu-${qemu}-static:OPF' > ${kernelDirectory}/register`;
}
