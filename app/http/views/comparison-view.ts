import type { z } from '@hono/zod-openapi';
import type { Run } from '../../core/model/run.ts';
import type { ComparedWith, RunComparison } from '../../core/results/compare-run.ts';
import type { TestComparison } from '../../core/results/test-comparison.ts';
import type { comparisonSchema } from '../schemas/comparison.ts';

const longestList = 100;

export function comparisonView(
  run: Run,
  { baseBranch, base, previous }: RunComparison,
): z.output<typeof comparisonSchema> {
  return {
    base_branch: baseBranch,
    duration_seconds: durationSeconds(run),
    base: base === undefined ? null : comparedView(base),
    previous: previous === undefined ? null : comparedView(previous),
  };
}

function comparedView({ run, tests }: ComparedWith) {
  return {
    workflow_id: run.id,
    branch: run.spec.branch,
    sha: run.sha ?? null,
    state: run.state,
    created_at: run.createdAt.toISOString(),
    duration_seconds: durationSeconds(run),
    tests: tests === undefined ? null : testsView(tests),
  };
}

function testsView({ newlyFailing, stillFailing, fixed, slower, added, removed }: TestComparison) {
  const names = (tests: readonly { group: string; name: string }[]) =>
    tests.slice(0, longestList).map(({ group, name }) => ({ group, name }));
  return {
    newly_failing: names(newlyFailing),
    still_failing: names(stillFailing),
    fixed: names(fixed),
    slower: slower.slice(0, longestList).map(({ group, name, durationSeconds: seconds, beforeSeconds }) => ({
      group,
      name,
      duration_seconds: seconds,
      before_seconds: beforeSeconds,
    })),
    added,
    removed,
  };
}

function durationSeconds({ startedAt, finishedAt }: Run): number | null {
  return startedAt === undefined || finishedAt === undefined
    ? null
    : (finishedAt.getTime() - startedAt.getTime()) / 1000;
}
