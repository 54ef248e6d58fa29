import { closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';

/** Places in `/proc/self/stat` (proc(5)), counted from the field after the name, which is the third. */
const envStartIndex = 50 - 3;
const envEndIndex = 51 - 3;

/**
 * Removes a variable from this process's environment, and from the copy that every process of the same user can read as
 * `/proc/<pid>/environ`: a test could read the variables of the runner or the server there.
 *
 * @returns its value
 */
export function forgetVariable(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name];
  delete env[name];
  if (value !== undefined && process.platform === 'linux') blankInMemory(name);
  return value;
}

function blankInMemory(name: string): void {
  try {
    const fields = readFileSync('/proc/self/stat', 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [start, end] = [Number(fields[envStartIndex]), Number(fields[envEndIndex])];
    const memory = openSync('/proc/self/mem', 'r+');
    try {
      const block = Buffer.alloc(end - start);
      readSync(memory, block, 0, block.length, start);
      const prefix = Buffer.from(`\0${name}=`);
      // The first variable has no NUL before it in the block: the one that ends the arguments is outside.
      const at = Buffer.concat([Buffer.of(0), block]).indexOf(prefix);
      if (at === -1) return;
      const length = block.indexOf(0, at) - at;
      writeSync(memory, Buffer.alloc(length), 0, length, start + at);
    } finally {
      closeSync(memory);
    }
  } catch {
    // If the kernel forbids this, the container must protect the variable: see runner-image/README.md.
  }
}
