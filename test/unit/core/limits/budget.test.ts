import { beforeEach, describe, expect, it } from '@jest/globals';
import { createBudgets } from '../../../../app/core/limits/budget.ts';
import { runId } from '../../../../app/core/model/ids.ts';
import type { Project, ProjectSettingsInput } from '../../../../app/core/model/project.ts';
import type { Policy } from '../../../../app/core/policy.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { monthOf } from '../../../../app/lib/month.ts';
import { embeddedPolicy } from '../../../../app/wiring/policies.ts';
import { aRun } from '../../../helpers/a-run.ts';
import { type World, world } from '../../../helpers/memory-deps.ts';

let w: World;
let count = 0;
beforeEach(() => {
  w = world();
});

function budgets(budget?: Policy['budget']) {
  return createBudgets({ ...w.deps, policy: { ...embeddedPolicy, ...(budget && { budget }) } });
}

async function spend(project: Project, costUsd: number): Promise<void> {
  count += 1;
  const month = monthOf(w.clock.now());
  await w.deps.store.costs.record({ projectId: project.id, runId: runId(`r${count}`), month, costUsd });
}

const reached = () => w.events.flatMap((event) => (event.type === 'BudgetReached' ? [event] : []));
const stops = (settings: ProjectSettingsInput = {}): ProjectSettingsInput => ({
  monthlyBudgetUsd: 10,
  budgetAction: 'stop',
  ...settings,
});

describe('the budget of a project', () => {
  it('stops new runs when it is used up, until the next month', async () => {
    const project = await w.project(stops());
    await spend(project, 9.99);
    await expect(budgets().check(project)).resolves.toBeUndefined();
    await spend(project, 0.01);
    await expect(budgets().check(project)).rejects.toMatchObject({
      code: 'budget_exceeded',
      message: expect.stringContaining('$10.00 of $10.00'),
      hint: expect.stringContaining('monthlyBudgetUsd'),
    });
    w.clock.advance(32 * 24 * 3600);
    await expect(budgets().check(project)).resolves.toBeUndefined();
  });

  it('only warns by default, at 80 and 100 percent, once for each', async () => {
    const project = await w.project({ monthlyBudgetUsd: 10 });
    await budgets().warn();
    expect(reached()).toEqual([]);
    await spend(project, 8);
    await budgets().warn();
    await budgets().warn();
    await spend(project, 8);
    await budgets().warn();
    await budgets().warn();
    expect(reached().map(({ budget, projectId }) => [projectId, budget.state, budget.usedUsd])).toEqual([
      [project.id, 'near', 8],
      [project.id, 'exceeded', 16],
    ]);
    await expect(budgets().check(project)).resolves.toBeUndefined();
  });

  it('does not count what other projects cost', async () => {
    const [one, other] = [await w.project(stops(), 'one'), await w.project(stops(), 'other')];
    await spend(other, 100);
    await expect(budgets().check(one)).resolves.toBeUndefined();
  });
});

describe('the budget of all projects', () => {
  it('adds them up, and stops new runs of each', async () => {
    const [one, other] = [await w.project({}, 'one'), await w.project({}, 'other')];
    const action = 'stop' as const;
    await spend(one, 6);
    await spend(other, 6);
    await expect(budgets({ monthlyUsd: 13, action }).check(one)).resolves.toBeUndefined();
    await expect(budgets({ monthlyUsd: 12, action }).check(other)).rejects.toMatchObject({
      code: 'budget_exceeded',
      hint: expect.stringContaining('BERTH_MONTHLY_BUDGET_USD'),
    });
    await expect(budgets({ monthlyUsd: 12, action: 'warn' }).check(one)).resolves.toBeUndefined();
    await budgets({ monthlyUsd: 12, action: 'warn' }).warn();
    expect(reached()).toMatchObject([{ budget: { scope: 'installation', state: 'exceeded' } }]);
  });
});

describe('a run above the budget', () => {
  const github = { repositoryId: 1, installationId: 1, owner: 'acme', repo: 'site', headSha: 'a'.repeat(40) };
  const { spec } = aRun();

  async function start(kind: 'push' | 'api') {
    const project = await w.project(stops());
    await spend(project, 10);
    const deps = { ...w.deps, budgets: budgets() };
    const request = { project, id: runId('new'), spec, trigger: { kind } };
    return startRun(deps, kind === 'push' ? { ...request, github } : request);
  }

  it('is refused to a client', async () => {
    await expect(start('api')).rejects.toMatchObject({ code: 'budget_exceeded' });
  });

  it('of a push is shown by its check, and is not run', async () => {
    const { run } = await start('push');
    expect(run).toMatchObject({ state: 'errored', outcome: { errorCode: 'budget_exceeded' } });
  });
});

describe('the time limit of a run', () => {
  it('is reduced to the limit of the server and of the project, and the run has a warning', async () => {
    const project = await w.project({ maxRunSeconds: 120 });
    const policy = { ...embeddedPolicy, maxRunSeconds: 300 };
    const started = async (timeoutSeconds: number, id: string, of = project) => {
      const spec = { ...aRun().spec, timeoutSeconds };
      const request = { project: of, id: runId(id), spec, trigger: { kind: 'api' } as const };
      return (await startRun({ ...w.deps, policy }, request)).run.spec;
    };
    expect(await started(60, 'a')).toMatchObject({ timeoutSeconds: 60 });
    expect(await started(200, 'b')).toMatchObject({
      timeoutSeconds: 120,
      note: 'The time limit is 120 s instead of 200 s, because the project allows no more.',
    });
    const free = await w.project({}, 'free');
    expect(await started(3600, 'c', free)).toMatchObject({
      timeoutSeconds: 300,
      note: expect.stringContaining('because the server allows no more'),
    });
  });
});
