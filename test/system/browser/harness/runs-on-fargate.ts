import type { PaidResources } from '../../../../app/core/model/cost.ts';
import { projectId, runId } from '../../../../app/core/model/ids.ts';
import { outcomeWithoutResult } from '../../../../app/core/model/outcome.ts';
import type { Run } from '../../../../app/core/model/run.ts';
import { costOfRun } from '../../../../app/core/model/run-cost.ts';
import { aRun } from '../../../helpers/a-run.ts';

const least: PaidResources = {
  cpuUnits: 256,
  memoryMib: 512,
  architecture: 'ARM64',
  spot: true,
  region: 'eu-central-1',
};
const most: PaidResources = {
  ...least,
  cpuUnits: 16_384,
  memoryMib: 32_768,
  architecture: 'X86_64',
  spot: false,
};

/** A run that ended on Fargate, with its cost as Berth estimates it; it is not settled yet. */
function aRunOnFargate(
  id: string,
  month: { readonly ago: number; readonly now: Date },
  { resources, seconds }: { readonly resources: PaidResources; readonly seconds: number },
): Run {
  // Of the first moments of a month, so that those of the current one are over.
  const createdAt = new Date(Date.UTC(month.now.getUTCFullYear(), month.now.getUTCMonth() - month.ago, 1));
  const finishedAt = new Date(createdAt.getTime() + seconds * 1000);
  const run = aRun({
    id: runId(id),
    projectId: projectId('default'),
    state: 'succeeded',
    createdAt,
    startedAt: createdAt,
    finishedAt,
    dueAt: finishedAt,
    launches: 1,
    taskStatus: {
      arn: `arn:aws:ecs:eu-central-1:123456789012:task/berth/${id}`,
      lastStatus: 'STOPPED',
      desiredStatus: 'STOPPED',
      createdAt,
      exitCode: 0,
      resources,
    },
  });
  const costUsd = costOfRun(run, finishedAt);
  if (costUsd === undefined) throw new Error(`There are no prices for ${resources.region}.`);
  return { ...run, outcome: { ...outcomeWithoutResult('3 tests passed.'), exitCode: 0, costUsd } };
}

/** A year of them: a costly beginning, two months without any, and a current month of one small run. */
export function aYearOnFargate(now: Date): Run[] {
  const perMonth = [40, 90, 140, 0, 60, 0, 30, 12, 5, 2, 1];
  const costly = perMonth.flatMap((count, index) =>
    Array.from({ length: count }, (_, nth) =>
      aRunOnFargate(`fargate-${index}-${nth}`, { ago: 11 - index, now }, { resources: most, seconds: 7200 }),
    ),
  );
  return [...costly, aRunOnFargate('fargate-small', { ago: 0, now }, { resources: least, seconds: 60 })];
}
