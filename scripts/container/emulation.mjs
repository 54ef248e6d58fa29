import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Missing } from './missing.mjs';

const kernelDirectory = '/proc/sys/fs/binfmt_misc';

/** The kinds of machine by the two bytes with which an ELF program names them, and QEMU's name for each. */
const machines = {
  'linux/amd64': { elf: '3e00', qemu: 'x86_64' },
  'linux/arm64': { elf: 'b700', qemu: 'aarch64' },
};

export const platforms = Object.keys(machines);

/**
 * Makes sure that an engine can run images of a platform: it is of that kind itself, or this machine's kernel hands
 * their programs to QEMU. Nothing is changed here, as that would change what every program of the machine can start.
 *
 * @param {string} platform one of {@link platforms}
 * @param {{ address: string, docker: import('dockerode') }} engine
 * @returns {Promise<boolean>} whether they are emulated
 * @throws Missing with the commands that help
 */
export async function ensureRuns(platform, { address, docker }) {
  const { Os: system, Arch: architecture } = await docker.version();
  if (`${system}/${architecture}` === platform) return false;
  // The kernel of an engine elsewhere, or in the virtual machine of a desktop, cannot be looked into from here.
  if (process.platform !== 'linux' || !address.startsWith('unix://')) return true;
  const problem = await emulationProblem(platform);
  if (problem !== undefined) throw new Missing(problem);
  return true;
}

/**
 * An image whose tini is not told to take in orphans where it is not process 1 (`-s`): QEMU 7.2, Debian 12's, refuses
 * that call of the kernel, and tini then ends. In a container of the docker executor it is process 1, and does so anyway.
 *
 * @param {import('dockerode')} docker
 * @param {string} name of the image
 * @returns {Promise<string>} the name of the changed one
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
 * What keeps this machine's kernel from running images of another kind of machine.
 *
 * @param {string} platform
 * @param {string} directory where the kernel tells of its handlers
 * @returns {Promise<string | undefined>} the reason, and what to do
 */
export async function emulationProblem(platform, directory = kernelDirectory) {
  const { elf, qemu } = machines[platform];
  const names = await readdir(directory).catch(() => []);
  if (!names.includes('register')) {
    return `${directory} is not mounted, through which the kernel is told of QEMU. As root: mount -t binfmt_misc binfmt_misc ${directory}`;
  }
  const handlers = names.filter((name) => name !== 'register' && name !== 'status');
  const texts = await Promise.all(handlers.map((name) => readFile(join(directory, name), 'utf8')));
  const flags = texts
    .filter((text) => text.startsWith('enabled') && new RegExp(`^magic 7f454c46\\w*${elf}$`, 'm').test(text))
    .map((text) => /^flags: (\w*)$/m.exec(text)?.[1] ?? '');
  // F: the kernel itself opens QEMU, which is in no container. O: it opens the program as well. The image's tini may be
  // executed and not read (decision 16), so QEMU, which has its user's rights alone, could not.
  if (flags.some((found) => found.includes('F') && found.includes('O'))) return undefined;
  const found = flags.length === 0 ? 'hands them to nobody' : `has the flags ${flags.join(' and ')} for them`;
  return `The kernel has to hand programs for ${platform} to QEMU with the flags O and F, and ${found}. As root, on Debian: apt-get install qemu-user-static, and then, until the next start of the machine: ${registration(elf, qemu)}`;
}

/** See the kernel's Documentation/admin-guide/binfmt-misc.rst. What it registers last is what it takes. */
function registration(elf, qemu) {
  const bytes = (hex) => hex.replace(/../g, '\\x$&');
  const magic = bytes(`7f454c46020101${'00'.repeat(9)}0200${elf}`);
  const mask = bytes(`${'ff'.repeat(7)}00${'ff'.repeat(8)}feffffff`);
  return `printf '%s' ':berth-${qemu}:M::${magic}:${mask}:/usr/bin/qemu-${qemu}-static:OPF' > ${kernelDirectory}/register`;
}
