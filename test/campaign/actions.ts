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
  { api, github, repository, dataDir, repeated }: CampaignWorld,
  server: CampaignServer,
  random: ReturnType<typeof randomFrom>,
  { branches, kills }: { readonly branches: readonly string[]; readonly kills: number },
): Readonly<Record<string, Action>> {
  const anyBranch = (): string => random.pick(branches) ?? '';
  const openPulls = () => repository.pulls.filter(({ state }) => state === 'open');
  const headOf = (branch: string) => repository.git.resolve(`refs/heads/${branch}`);
  /** Earlier commits of each branch. */
  const commits = new Map<string, string[]>();
  const push = async () => {
    const branch = anyBranch();
    const sha = await github.people.push(repository, branch, { 'a.txt': String(random.next()) });
    commits.set(branch, [...(commits.get(branch) ?? []), sha]);
  };
  const changePull = async (action: 'closed' | 'reopened' | 'ready_for_review' | 'converted_to_draft') => {
    const fits = { closed: 'open', reopened: 'closed', ready_for_review: 'open', converted_to_draft: 'open' };
    const pull = random.pick(repository.pulls.filter(({ state }) => state === fits[action]));
    if (pull === undefined) return;
    if (action === 'reopened') {
      // GitHub reopens neither a second pull request of a branch nor one whose branch is gone.
      const isTaken = openPulls().some(({ headBranch }) => headBranch === pull.headBranch);
      const head = await headOf(pull.headBranch);
      if (isTaken || head === undefined) return;
      pull.headSha = head;
      repeated.add(head);
    }
    await github.people.changePullRequest(repository, pull, action);
  };

  return {
    push: { weight: 8, act: push },
    open: {
      weight: 4,
      async act() {
        const branch = anyBranch();
        const isOpen = openPulls().some(({ headBranch }) => headBranch === branch);
        if (!isOpen && (await headOf(branch)) !== undefined)
          await github.people.openPullRequest(repository, { branch });
      },
    },
    close: { weight: 3, act: () => changePull('closed') },
    reopen: { weight: 2, act: () => changePull('reopened') },
    draft: { weight: 1, act: () => changePull('converted_to_draft') },
    ready: { weight: 1, act: () => changePull('ready_for_review') },
    // Faster than any run: most of it happens while the runs of the pull request wait for a stack.
    'close and reopen': {
      weight: 1,
      async act() {
        const pull = random.pick(openPulls());
        if (pull === undefined) return;
        repeated.add(pull.headSha);
        for (const action of ['closed', 'reopened', 'converted_to_draft', 'ready_for_review'] as const)
          await github.people.changePullRequest(repository, pull, action);
      },
    },
    retarget: {
      weight: 1,
      async act() {
        const pull = random.pick(openPulls());
        const base = random.pick([repository.defaultBranch, ...branches]);
        if (pull !== undefined && base !== undefined && base !== pull.headBranch)
          await github.people.retarget(repository, pull, base);
      },
    },
    'force push back': {
      weight: 2,
      async act() {
        const branch = anyBranch();
        const sha = random.pick(commits.get(branch) ?? []);
        const head = await headOf(branch);
        if (sha === undefined || head === undefined || head === sha) return;
        repeated.add(sha);
        await github.people.reset(repository, branch, sha);
      },
    },
    // GitHub closes its pull request, and sends the events in any order.
    'delete branch': {
      weight: 1,
      async act() {
        const branch = anyBranch();
        const pull = openPulls().find(({ headBranch }) => headBranch === branch);
        const head = await headOf(branch);
        if (head === undefined) return;
        repeated.add(head);
        const closed =
          pull === undefined ? undefined : github.people.changePullRequest(repository, pull, 'closed');
        await Promise.all([github.people.deleteBranch(repository, branch), closed]);
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
