import { describe, expect, it } from '@jest/globals';
import { plainLine } from '../../../action/plain-line.ts';
import { createStoppedCommands } from '../../../action/stopped-commands.ts';
import { recordingHost } from './recording-host.ts';

/** Returns the commands that a runner executes. */
function executed(lines: readonly string[]): string[] {
  let token: string | undefined;
  return lines.filter((line) => {
    const [, command, data] = /^::([^ :]+)[^:]*::(.*)$/.exec(line) ?? [];
    if (token !== undefined) {
      if (command === token) token = undefined;
      return false;
    }
    if (command === 'stop-commands') {
      token = data;
      return false;
    }
    return command !== undefined;
  });
}

describe("A run's output in the workflow's log", () => {
  it('cannot command the runner', async () => {
    const host = recordingHost();
    const commands = createStoppedCommands(host);
    await commands.print(['::set-output name=x::1', '::stop-commands::mine', '::mine::', '::add-mask::the']);
    await commands.resume();
    host.endGroup();
    expect(executed(host.lines())).toEqual(['::endgroup::']);
    expect(host.lines()).toContain('::add-mask::the');
  });

  it('cannot command the runner by a token that it was shown or has guessed', async () => {
    const host = recordingHost();
    const commands = createStoppedCommands(host);
    await commands.print(['harmless']);
    const [token] = host.log().match(/(?<=::stop-commands::)\w+/) ?? [];
    await commands.print([`::${token}::`, '::set-env name=PATH::/evil']);
    await commands.print([`::${2n.toString(16).padStart(48, '0')}::`, '::set-env name=PATH::/evil']);
    await commands.resume();
    expect(executed(host.lines())).toEqual([]);
  });

  it('leaves nothing to resume where nothing was printed', async () => {
    const host = recordingHost();
    const commands = createStoppedCommands(host);
    await commands.resume();
    expect(host.log()).toBe('');
    expect(commands.pending()).toBe('');
    await commands.print(['a line']);
    expect(commands.pending()).toMatch(/^::\w+::\n$/);
  });
});

describe('a line of the action', () => {
  it.each([
    [
      'The build failed: x\n::add-path::/evil\r\n##[add-mask]y',
      'The build failed: x ::add-path::/evil ## [add-mask]y',
    ],
    ['  ::stop-commands::z', '  : :stop-commands::z'],
    ['Run 1: 3 of 4 tests passed.', 'Run 1: 3 of 4 tests passed.'],
  ])('contains no command: %j', (text, line) => {
    expect(plainLine(text)).toBe(line);
  });
});
