import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type BerthProcess, buildBerthProcess, startBerthProcess } from '../helpers/crashing-berth.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/free-port.ts';
import { type GithubStandIn, startGithubStandIn } from '../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../helpers/github-stand-in/state.ts';
import { apiKey } from '../helpers/served-github.ts';

jest.setTimeout(150_000);

let github: GithubStandIn;
let repository: RepositoryState;
let directory: string;
let executions: string;
let port: number;

beforeAll(buildBerthProcess);
beforeEach(async () => {
  github = await startGithubStandIn();
  directory = await mkdtemp(join(tmpdir(), 'berth-crash-'));
  port = await freePort();
  executions = join(directory, 'executions');
  const settings = `suites: { unit: { command: 'echo once >> "${executions}"' } }\n`;
  repository = await github.addRepository({ name: 'shop', files: { '.github/berth.yml': settings } });
});
afterEach(async () => {
  await github.close();
  await rm(directory, { recursive: true, force: true });
});

/** Always at the same port, as a server that is started again is: tasks that went on look for it there. */
const start = (extra: Record<string, string> = {}): Promise<BerthProcess> =>
  startBerthProcess(github, join(directory, 'data'), { PORT: String(port), ...extra });
const dead = async (berth: BerthProcess): Promise<void> => {
  const notReached = setTimeout(20_000, 'the point was not reached', { ref: false });
  expect(await Promise.race([berth.ended, notReached])).toBe('SIGKILL');
};
const concluded = () =>
  eventually(
    'the check run to conclude',
    async () => repository.checkRuns.some((one) => one.conclusion !== null),
    90,
  );
const ask = async (berth: BerthProcess, path: string): Promise<unknown> => {
  const response = await fetch(`${berth.url}${path}?project=gh-${repository.id}`, {
    headers: { 'X-API-Key': apiKey },
  });
  return response.json();
};

describe('killed with -9 between the event and the final check run, and started again, Berth', () => {
  it.each([
    'before store.deliveries.record',
    'after store.deliveries.record',
    'after store.projects.create 2',
    'before store.runs.create',
    'after store.runs.create',
    'before checks.publish',
    'after checks.publish',
    'after store.runs.save',
    'after store.stacks.point',
    'after store.stacks.create',
    'after store.runs.save 2',
    'after store.runs.save 3',
    'after checks.publish 2',
    'after sources.resolve',
    'after objects.put',
    'before executor.launch',
    'after executor.launch',
    'after store.runs.save 4',
    'after events.publish',
    'after store.runs.save 5',
    'after store.runs.save 6',
    'after store.stacks.leave',
    'after objects.delete',
    'before executor.remove',
    'after executor.remove',
    'before store.deliveries.done',
    'after store.deliveries.done',
  ])('makes the same of it: %s', async (point) => {
    const doomed = await start({ CRASH_AT: point });
    await repository.git.commit('topic', { 'a.txt': 'a' }, { from: 'main' });
    await github.people.openPullRequest(repository, { branch: 'topic' });
    await dead(doomed);

    const berth = await start();
    await concluded();
    const runs = await ask(berth, '/workflow');
    const stacks = await ask(berth, '/listStacks');
    await berth.stop();
    expect(readFileSync(executions, 'utf8')).toBe('once\n');
    expect(repository.checkRuns).toMatchObject([{ name: 'berth/unit', conclusion: 'success' }]);
    expect(runs).toMatchObject({ workflows: [{ state: 'succeeded' }] });
    expect(stacks).toMatchObject({
      stacks: [{ stackName: 'test-1', isAvailable: false, branch: 'topic', holder: 'pr:1' }],
    });
  });
});

describe('killed with -9 while a pull request is closed, and started again, Berth', () => {
  it.each([
    'after store.stacks.closeHolder',
    'before store.stacks.release',
    'after store.stacks.release',
    'before store.deliveries.done',
  ])('has given the stack back: %s', async (point) => {
    const first = await start();
    await repository.git.commit('topic', { 'a.txt': 'a' }, { from: 'main' });
    const pull = await github.people.openPullRequest(repository, { branch: 'topic' });
    await concluded();
    await first.stop();
    const doomed = await start({ CRASH_AT: point });
    await github.people.changePullRequest(repository, pull, 'closed');
    await dead(doomed);

    const berth = await start();
    await eventually('the stack to be free', async () =>
      JSON.stringify(await ask(berth, '/listStacks')).includes('"isAvailable":true'),
    );
    await berth.stop();
    expect(existsSync(executions) && readFileSync(executions, 'utf8')).toBe('once\n');
  });
});
