import { type Month, monthAfter, monthOf } from '../../lib/month.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { ttlCache } from '../../lib/ttl-cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Store } from '../../ports/store.ts';
import { type BudgetState, budgetState } from '../model/budget.ts';
import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import { totalCost } from '../model/run-cost.ts';
import type { Policy } from '../policy.ts';
import { allProjects } from '../projects/project-of.ts';

/** Monthly budgets of a project and of the installation. */
export interface Budgets {
  /** @throws BerthError `budget_exceeded` if a budget that stops runs is used up. */
  check(project: Project): Promise<void>;
  /** Returns the budgets that apply to a project, its own first. */
  statesOf(project: Project): Promise<readonly BudgetState[]>;
  /** Publishes an event for each budget that has reached 80 or 100 percent, once a month for each. */
  warn(): Promise<void>;
}

export interface BudgetDeps {
  readonly store: Pick<Store, 'projects' | 'costs' | 'maintenance'>;
  readonly clock: Clock;
  readonly events: Events;
  readonly log: Logger;
  readonly policy: Pick<Policy, 'budget'>;
}

/** How long a sum is cached. A budget may be exceeded by the cost of runs in this time. */
const projectSeconds = 60;
const installationSeconds = 300;

export function createBudgets(deps: BudgetDeps): Budgets {
  const { store, clock, events, log, policy } = deps;
  const projectSums = ttlCache<number>(clock, projectSeconds);
  const installationSums = ttlCache<number>(clock, installationSeconds);

  async function sumOf(project: Pick<Project, 'id'>, month: Month): Promise<number> {
    return projectSums.get(`${project.id} ${month}`, async () => {
      return totalCost(await store.costs.ofMonth(project.id, month)).costUsd;
    });
  }

  async function sumOfAll(month: Month): Promise<number> {
    return installationSums.get(month, async () => {
      let sum = 0;
      for await (const project of allProjects(store)) sum += await sumOf(project, month);
      return sum;
    });
  }

  async function ofProject(project: Project, month: Month): Promise<BudgetState | undefined> {
    const { monthlyBudgetUsd: monthlyUsd, budgetAction: action = policy.budget?.action ?? 'warn' } =
      project.settings;
    if (monthlyUsd === undefined) return undefined;
    return budgetState({ scope: 'project', month, monthlyUsd, usedUsd: await sumOf(project, month), action });
  }

  async function ofInstallation(month: Month): Promise<BudgetState | undefined> {
    const { monthlyUsd, action = 'warn' } = policy.budget ?? {};
    if (monthlyUsd === undefined) return undefined;
    return budgetState({ scope: 'installation', month, monthlyUsd, usedUsd: await sumOfAll(month), action });
  }

  /** @param of the project; if omitted, the installation. */
  async function announce(budget: BudgetState | undefined, of: Project | undefined): Promise<void> {
    if (budget === undefined || budget.state === 'ok') return;
    const name = `budget ${of?.id ?? 'installation'} ${budget.month} ${budget.state}`;
    const nextMonths = new Date(`${monthAfter(budget.month, 2)}-01T00:00:00Z`);
    if (!(await store.maintenance.claim(name, clock.now(), nextMonths))) return;
    log.warn({ ...budget, projectId: of?.id }, 'a monthly budget is nearly or fully used');
    await events.publish(omitUndefined({ type: 'BudgetReached' as const, budget, projectId: of?.id }));
  }

  return {
    async check(project) {
      const month = monthOf(clock.now());
      const own = await ofProject(project, month);
      if (isUsedUp(own)) throw exceeded(own, `project ${project.name}`);
      // The sum of all projects is read only if there is a budget for it.
      const all = policy.budget?.action === 'stop' ? await ofInstallation(month) : undefined;
      if (isUsedUp(all)) throw exceeded(all, 'this Berth');
    },

    async statesOf(project) {
      const month = monthOf(clock.now());
      const found = await Promise.all([ofProject(project, month), ofInstallation(month)]);
      return found.filter((budget) => budget !== undefined);
    },

    async warn() {
      const month = monthOf(clock.now());
      for await (const project of allProjects(store))
        await announce(await ofProject(project, month), project);
      await announce(await ofInstallation(month), undefined);
    },
  };
}

function isUsedUp(budget: BudgetState | undefined): budget is BudgetState {
  return budget?.state === 'exceeded' && budget.action === 'stop';
}

function exceeded({ monthlyUsd, usedUsd, month, scope }: BudgetState, whose: string): BerthError {
  const used = `$${usedUsd.toFixed(2)} of $${monthlyUsd.toFixed(2)}`;
  return new BerthError('budget_exceeded', `The budget of ${whose} for ${month} is used up: ${used}.`, {
    hint: `Runs start again next month. To start them now, raise ${scope === 'project' ? 'monthlyBudgetUsd in the project settings' : 'BERTH_MONTHLY_BUDGET_USD'}, or set ${scope === 'project' ? 'budgetAction' : 'BERTH_BUDGET_ACTION'} to warn.`,
  });
}
