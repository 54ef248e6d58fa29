import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { active } from './berth-api.ts';
import type { CampaignWorld } from './invariants.ts';
import type { randomFrom } from './random.ts';

export interface Action {
  /** How often it is chosen, compared with the others. */
  readonly weight: number;
  readonly act: () => Promise<unknown>;
}

export interface CampaignServer {
  readonly pid: number;
  /** Ends the server like `kill -9`, and starts another one. */
  restart(): Promise<void>;
}

/** The actions of people, machines and accidents in a campaign. @param kills the weight of each kind of kill. */
export function campaignActions(
  { api, github, repository, dataDir }: CampaignWorld,
  server: CampaignServer,
  random: ReturnType<typeof randomFrom>,
  { branches, kills }: { readonly branches: readonly string[]; readonly kills: number },
): Readonly<Record<string, Action>> {
  const anyBranch = (): string => random.pick(branches) ?? '';
  const openPulls = () => repository.pulls.filter(({ state }) => state === 'open');
  const exists = async (branch: string) =>
    (await repository.git.resolve(`refs/heads/${branch}`)) !== undefined;
  const push = () => github.people.push(repository, anyBranch(), { 'a.txt': String(random.next()) });

  return {
    push: { weight: 8, act: push },
    open: {
      weight: 4,
      async act() {
        const branch = anyBranch();
        const isOpen = openPulls().some(({ headBranch }) => headBranch === branch);
        if (!isOpen && (await exists(branch))) await github.people.openPullRequest(repository, { branch });
      },
    },
    close: {
      weight: 3,
      async act() {
        const pull = random.pick(openPulls());
        if (pull !== undefined) await github.people.changePullRequest(repository, pull, 'closed');
      },
    },
    retest: {
      weight: 2,
      async act() {
        const pull = random.pick(openPulls());
        if (pull !== undefined) await github.people.comment(repository, pull, '/retest all', { by: 'dana' });
      },
    },
    cancel: {
      weight: 2,
      async act() {
        const run = random.pick(await api.runs(active));
        if (run !== undefined) await api.call('DELETE', `/workflow/${run.id}`);
      },
    },
    // A client that asks for a place in line and never comes back.
    'dying client': {
      weight: 1,
      act: () =>
        api.call('POST', `/requestStack?project=gh-${repository.id}`, { wait: true, leaseSeconds: 20 }),
    },
    'kill server': {
      weight: kills,
      async act() {
        // In the middle of some work, not only between two actions.
        const work = push().catch(() => undefined);
        await delay(random.next() * 400);
        await server.restart();
        await work;
      },
    },
    'kill task': {
      weight: kills,
      async act() {
        const tasks = await readdir(join(dataDir, 'tasks')).catch(() => []);
        const file = join(dataDir, 'tasks', random.pick(tasks) ?? '', 'claim');
        const pid = Number((await readFile(file, 'utf8').catch(() => '')).split('\n')[0]);
        if (pid > 1) process.kill(-pid, 'SIGKILL');
      },
    },
    outage: {
      weight: 1,
      async act() {
        const times = 1 + Math.floor(random.next() * 30);
        github.faults.push({ path: /^\/api\/v3\//, times, response: { status: 502 } });
      },
    },
    'lost answer': {
      weight: 1,
      async act() {
        github.faults.push({ path: /^\/api\/v3\//, times: 1, response: 'lost' });
      },
    },
    pause: {
      weight: 1,
      async act() {
        process.kill(server.pid, 'SIGSTOP');
        await delay(300);
        process.kill(server.pid, 'SIGCONT');
      },
    },
  };
}
