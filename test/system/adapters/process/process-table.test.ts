import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { processTable, psProcessTable } from '../../../../app/adapters/process/process-table.ts';
import { eventually } from '../../../helpers/eventually.ts';

const tables = [
  { name: process.platform, table: processTable(process.platform) },
  // What macOS uses, wherever there is a ps to try it with.
  ...(existsSync('/bin/ps') ? [{ name: 'ps', table: psProcessTable }] : []),
];

describe.each(tables)('the process table of $name', ({ table }) => {
  it('lists a process with its parent and an entry of its environment, until it has ended', async () => {
    const child = spawn('sleep', ['600'], { env: { HOME: '/a/home' }, stdio: 'ignore' });
    const found = () =>
      table
        .list()
        .then((all) => all.find(({ pid, carries }) => pid === child.pid && carries('HOME=/a/home')));
    expect(await eventually('the process', found)).toMatchObject({ parent: process.pid });
    expect((await found())?.carries('HOME=/a')).toBe(false);
    child.kill('SIGKILL');
    await eventually('its end', async () => (await found()) === undefined);
  });

  it('identifies processes by their start time, and finds none that has ended', async () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    const pid = child.pid ?? 0;
    const birth = await table.birthOf(pid);
    expect(birth).toBeTruthy();
    expect(await table.birthOf(pid)).toBe(birth);
    expect(await table.birthOf(1)).not.toBe(birth);
    child.kill('SIGKILL');
    await eventually('its end', async () => (await table.birthOf(pid)) === undefined);
  });
});

describe('a start time that a supervisor recorded', () => {
  it('is recognized on Linux in a line of /proc, for any program name', () => {
    const table = processTable('linux');
    const line = (name: string) =>
      `77 (${name}) S 1 77 77 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 2633728`;
    expect(table.parseBirth(line('sh'))).toBe('4711');
    expect(table.parseBirth(line('a) R 1 (b'))).toBe('4711');
  });

  it('is recognized on other systems in a date, in any format', () => {
    expect(processTable('darwin').parseBirth('  Tue Jan  1 10:00:00 2030 ')).toBe('Tue Jan 1 10:00:00 2030');
  });
});
