import { describe, expect, it } from '@jest/globals';
import { isPosixShell, rerunMistake } from '../../../../app/core/model/rerun.ts';

describe('rerunMistake', () => {
  it.each([
    'npx jest {files}',
    './test.sh --only {tests}',
    `sh -c 'echo "ready"' && npx jest {files}`,
    String.raw`echo \" && run {tests}`,
  ])('accepts %s', (command) => {
    expect(rerunMistake(command)).toBeUndefined();
  });

  it('refuses a command that selects nothing', () => {
    expect(rerunMistake('npm test')).toContain('{tests}');
  });

  // In each of these the shell would run what a test is called.
  it.each([
    'npx jest -t "{tests}"',
    "sh -c 'run {tests}'",
    String.raw`echo \' 'x {tests}'`,
    'echo $(list {files})',
    'run `one {files}`',
    'cat <<END\n{tests}\nEND',
    'npm test # {tests}',
    String.raw`run \{tests}`,
  ])('refuses %s', (command) => {
    expect(rerunMistake(command)).toContain('quotes');
  });
});

describe('isPosixShell', () => {
  it.each([undefined, 'bash', 'sh', 'bash -euxo pipefail {0}', '/bin/dash {0}'])('accepts %s', (shell) => {
    expect(isPosixShell(shell)).toBe(true);
  });

  it.each(['python3 {0}', 'fish {0}', 'pwsh {0}'])('refuses %s', (shell) => {
    expect(isPosixShell(shell)).toBe(false);
  });
});
