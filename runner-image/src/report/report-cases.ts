import type { TestCase } from '../../../app/core/model/test-results.ts';
import { cutText } from '../../../app/lib/cut-text.ts';
import { outcomes, type ReportCases } from './report-data.ts';

/** A longer list makes the file too large for a phone. Failed and flaky tests are listed first. */
const maxListed = 20_000;

/** @param total number of test cases */
export function reportCases(cases: readonly TestCase[], total: number): ReportCases {
  const failedFirst = cases.length <= maxListed ? cases : [...cases].sort(byFailure);
  const listed = failedFirst.slice(0, maxListed);
  const groups = [...new Set(listed.map(({ group }) => group))];
  const places = new Map(groups.map((group, place) => [group, place]));
  return {
    groups,
    names: listed.map(({ name }) => cutText(name, 500)),
    group: listed.map(({ group }) => places.get(group) ?? 0),
    outcome: listed.map(({ outcome }) => outcomes.indexOf(outcome)),
    flaky: [...listed.keys()].filter((place) => listed[place]?.flaky === true),
    earlier: [...listed.keys()].filter((place) => listed[place]?.earlier === true),
    seconds: listed.map(({ durationSeconds }) => Math.round(durationSeconds * 1e4) / 1e4),
    notListed: Math.max(0, total - listed.length),
  };
}

function byFailure(one: TestCase, other: TestCase): number {
  return weight(other) - weight(one);
}

function weight({ outcome, flaky }: TestCase): number {
  if (outcome === 'failed') return 2;
  return flaky === true ? 1 : 0;
}
