import type { Job } from '../../../app/core/model/job.ts';
import type { CgroupReading } from '../limits/cgroup.ts';
import type { RunLog } from '../output/run-log.ts';
import type { TextMask } from '../output/secret-masker.ts';
import type { RunPhases } from '../run-phases.ts';
import type { Findings, SuiteEnd } from '../suite-end.ts';
import type { Workspace } from '../workspace.ts';
import { buildReport, type ReportPage } from './build-report.ts';
import { describeEnvironment } from './describe-environment.ts';
import { embedPictures } from './embed-pictures.ts';
import { outcomeSentence } from './outcome-sentence.ts';
import { reportCases } from './report-cases.ts';
import type { ReportData, ReportRun } from './report-data.ts';

export interface WriteReportDeps {
  readonly findings: Findings;
  readonly cgroup: CgroupReading;
  readonly workspace: Workspace;
  readonly log: RunLog;
  readonly phases: RunPhases;
  readonly page: ReportPage;
  readonly mask: TextMask;
  readonly now: () => Date;
}

const maxPictureBytes = 8 * 1024 * 1024;
const logLines = { count: 400, maxCharacters: 4_000 };

/** @returns the run's report as one HTML file */
export async function writeReport(job: Job, end: SuiteEnd, deps: WriteReportDeps): Promise<string> {
  const { findings, workspace, page } = deps;
  const { tests, artifacts } = findings;
  const pictures = await embedPictures({
    checkout: workspace.checkout,
    failures: tests.failures,
    artifacts,
    // The rest of the report needs space too.
    maxBytes: Math.min(maxPictureBytes, job.uploads.report.maxBytes / 2),
  });
  const data: ReportData = {
    run: reportRun(job, end, deps),
    phases: deps.phases.list().filter(({ finishedAt }) => finishedAt !== undefined),
    totals: tests.totals ?? null,
    failures: pictures.failures,
    pictures: pictures.pictures,
    slowest: tests.slowest,
    cases: reportCases(tests.cases, tests.totals?.total ?? 0),
    artifacts: [...artifacts],
    warnings: [...findings.warnings],
    log: deps.log.tail.lines(logLines),
    environment: [...(await describeEnvironment(job, deps.cgroup)), ...(end.toolVersions ?? [])],
  };
  const report = buildReport(data, page);
  if (Buffer.byteLength(report) <= job.uploads.report.maxBytes) return report;
  return buildReport(lightened(data), page);
}

/** Leaves out what makes a report large, because a smaller report is better than no report. */
function lightened(data: ReportData): ReportData {
  return {
    ...data,
    failures: data.failures.map((failure) => ({ ...failure, pictures: [] })),
    pictures: [],
    cases: reportCases([], data.totals?.total ?? 0),
    artifacts: data.artifacts.slice(0, 50),
    log: data.log.slice(-100),
    warnings: [
      ...data.warnings,
      {
        code: 'report_cut',
        message: 'The report exceeds its size limit. Screenshots and the list of all tests were left out.',
      },
    ],
  };
}

function reportRun(job: Job, end: SuiteEnd, { phases, mask, now, findings }: WriteReportDeps): ReportRun {
  const startedAt = phases.list()[0]?.startedAt ?? now().toISOString();
  return {
    id: job.runId,
    project: job.project,
    suite: job.suite,
    branch: job.source.branch,
    sha: end.sha ?? job.source.sha ?? null,
    command: mask(job.command),
    outcome: end.outcome,
    sentence: mask(outcomeSentence(end, findings.tests, job.limits)),
    stack: job.stack?.name ?? null,
    startedAt,
    durationSeconds: (now().getTime() - Date.parse(startedAt)) / 1000,
    links: webLinks(job.links),
  };
}

/** Leaves `javascript:` links out: a click on one would bypass the page's policy. */
function webLinks(links: Job['links']): ReportRun['links'] {
  return Object.fromEntries(
    Object.entries(links).filter(([, url]) => url !== undefined && /^https?:\/\//i.test(url)),
  );
}
