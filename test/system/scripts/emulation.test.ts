import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

const pathOf = (name: string) => fileURLToPath(new URL(`../../../scripts/${name}`, import.meta.url));
const emulation = pathToFileURL(pathOf('container/emulation.mjs')).href;

/** The kernel's description of a handler: Documentation/admin-guide/binfmt-misc.rst. */
const handler = (flags: string, elf = 'b700', state = 'enabled') =>
  `${state}\ninterpreter /usr/bin/qemu\nflags: ${flags}\noffset 0\nmagic 7f454c460201010000000000000000000200${elf}\nmask ffffffffffffff00fffffffffffffffffeffffff\n`;

function node(...args: readonly string[]): Promise<{ exitCode: unknown; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, args, (error, out, err) => resolve({ exitCode: error?.code ?? 0, out, err }));
  });
}

describe('images for another platform', () => {
  let kernel: TemporaryDirectory;
  beforeEach(async () => {
    kernel = await temporaryDirectory();
    await has('register', '');
    await has('status', 'enabled\n');
  });
  afterEach(() => kernel.remove());

  const has = (name: string, text: string) => writeFile(join(kernel.path, name), text);
  async function problem(directory = kernel.path): Promise<string> {
    const call = `emulationProblem('linux/arm64', ${JSON.stringify(directory)})`;
    const script = `import { emulationProblem } from '${emulation}'; console.log(await ${call});`;
    const { out, err } = await node('--input-type=module', '--eval', script);
    expect(err).toBe('');
    return out.trim();
  }

  it('run if the kernel opens QEMU and the program', async () => {
    await has('qemu-aarch64', handler('POF'));
    expect(await problem()).toBe('undefined');
  });

  it('run if one of several handlers does', async () => {
    await has('qemu-aarch64', handler('PF'));
    await has('berth-aarch64', handler('OF'));
    expect(await problem()).toBe('undefined');
  });

  it('do not run without kernel handlers; the message has the mount command', async () => {
    expect(await problem(join(kernel.path, 'nothing'))).toContain('mount -t binfmt_misc binfmt_misc ');
  });

  it.each([
    ['there is no handler', 'qemu-arm', handler('OF', '2800'), 'has no handler for them'],
    ['it is disabled', 'qemu-aarch64', handler('OF', 'b700', 'disabled'), 'has no handler for them'],
    ["it is Debian's, which cannot start tini", 'qemu-aarch64', handler('PF'), 'has the flags PF'],
    ['QEMU would have to be in the image', 'qemu-aarch64', handler('OC'), 'has the flags OC'],
  ])('do not run if %s; the message has the command that helps', async (_, name, text, reason) => {
    await has(name, text);
    const told = await problem();
    expect(told).toContain(reason);
    expect(told).toContain('apt-get install qemu-user-static');
    // The kernel's description of a handler with this registration, from Linux 6.18.
    const magic = ['7f', '45', '4c', '46', '02', '01', '01', ...Array(9).fill('00'), '02', '00', 'b7', '00'];
    expect(told).toContain(`:M::${magic.map((byte) => `\\x${byte}`).join('')}:`);
    expect(told).toMatch(/:\/usr\/bin\/qemu-aarch64-static:OPF' > \S+\/register$/);
  });

  it('are not built for an unknown platform', async () => {
    const { exitCode, err } = await node(pathOf('test-container.mjs'), '--platform', 'linux/riscv64');
    expect(exitCode).toBe(1);
    expect(err).toContain('--platform must be linux/amd64 or linux/arm64');
  });
});
