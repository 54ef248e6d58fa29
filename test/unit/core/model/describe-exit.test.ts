import { describe, expect, it } from '@jest/globals';
import { describeExit, missingProgram } from '../../../../app/core/model/describe-exit.ts';

describe('the description of an exit', () => {
  it.each([
    [{ exitCode: 3 }, 'Exit code 3.'],
    [{ exitCode: undefined }, 'It has no exit code.'],
    [{ exitCode: 126 }, 'Exit code 126: the command is not executable.'],
    [{ exitCode: 127 }, 'Exit code 127: a program was not found.'],
    [
      { exitCode: 127, logTail: ['bash: line 1: pnpm: command not found'] },
      'Exit code 127: pnpm is not installed. Install it in the image or in `setup`.',
    ],
    [
      { exitCode: 137, memoryMib: 2048 },
      'Killed by SIGKILL (exit code 137). It may have run out of memory: 2,048 MiB were available.',
    ],
    [{ exitCode: null, signal: 'SIGKILL' }, 'Killed by SIGKILL. It may have run out of memory.'],
    [{ exitCode: 139 }, 'Killed by SIGSEGV, a segmentation fault (exit code 139).'],
    [
      { exitCode: 134 },
      'Killed by SIGABRT: the program stopped itself, as after a failed assertion or when its heap is full (exit code 134).',
    ],
    [{ exitCode: 255 }, 'Exit code 255.'],
  ])('of %j is "%s"', (end, text) => {
    expect(describeExit(end)).toBe(text);
  });
});

describe('the program that is missing', () => {
  it.each([
    ['/bin/sh: 1: pnpm: not found', 127, 'pnpm'],
    ['sh: vitest: command not found', 127, 'vitest'],
    ['sh: 1: vitest: not found', 127, 'vitest'],
    ['/usr/bin/env: ‘python’: No such file or directory', 127, 'python'],
    ["env: 'ruby': No such file or directory", 127, 'ruby'],
    ['mvn: command not found', 127, 'mvn'],
    ['make: cmake: No such file or directory', 2, 'cmake'],
    ['exec: "docker": executable file not found in $PATH', 1, 'docker'],
    ['Error: spawn yarn ENOENT', 1, 'yarn'],
    ['file.txt: No such file or directory', 1, undefined],
    ['bash: line 1: pnpm: command not found', 0, undefined],
  ])('in %j with exit code %i is %s', (line, exitCode, name) => {
    expect(missingProgram(exitCode, ['before', line, 'after'])).toBe(name);
  });
});
