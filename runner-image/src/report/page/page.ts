import { numberText, sizeText, timestamp } from '../../../../app/lib/format.ts';
import type { ReportData, ReportRun } from '../report-data.ts';
import { allTests } from './all-tests.ts';
import { durationsChart, phasesChart, resultsChart } from './charts.ts';
import { element, link, section } from './dom.ts';
import { failedTests } from './failed-tests.ts';
import { duration } from './format.ts';
import { logView } from './log-view.ts';

const words: Record<ReportRun['outcome'], string> = {
  succeeded: '✓ Succeeded',
  failed: '✗ Failed',
  timed_out: '⏱ Timed out',
  cancelled: '⊘ Canceled',
  errored: '! Errored',
};

function header({ run }: ReportData): HTMLElement {
  const facts: [string, HTMLElement | string][] = [
    ['Branch', element('code', {}, run.branch)],
    ['Commit', run.sha === null ? '–' : link(run.links.commit, run.sha.slice(0, 12), { class: 'code' })],
    ['Stack', run.stack === null ? '–' : link(run.links.stack, run.stack)],
    ['Started', timestamp(run.startedAt)],
    ['Duration', duration(run.durationSeconds)],
    ['Run', link(run.links.run, run.id)],
  ];
  return element(
    'header',
    {},
    element('p', { class: `outcome ${run.outcome}` }, words[run.outcome]),
    element('h1', {}, run.suite, element('span', { class: 'of' }, ` of ${run.project}`)),
    element('p', { class: 'sentence' }, run.sentence),
    element(
      'dl',
      { class: 'facts' },
      ...facts.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
    ),
  );
}

function charts(data: ReportData): HTMLElement {
  return element(
    'div',
    { class: 'cards' },
    data.totals === null ? null : resultsChart(data.totals),
    data.totals === null ? null : durationsChart(data.cases.seconds),
    phasesChart(data.phases),
  );
}

function warnings({ warnings: list }: ReportData): HTMLElement | null {
  if (list.length === 0) return null;
  return section(
    'warnings',
    'Warnings',
    element('ul', {}, ...list.map(({ message }) => element('li', {}, message))),
  );
}

function slowest({ slowest: list }: ReportData): HTMLElement | null {
  const longest = list[0]?.durationSeconds ?? 0;
  if (longest === 0) return null;
  const rows = list.map(({ name, group, durationSeconds }) => {
    const bar = element('span', { class: 'slow-bar', 'aria-hidden': true });
    bar.style.width = `${(durationSeconds / longest) * 100}%`;
    return element(
      'li',
      {},
      element('span', { class: 'case-name' }, name),
      element('span', { class: 'case-group' }, group),
      element('span', { class: 'number' }, duration(durationSeconds)),
      bar,
    );
  });
  return section('slowest', 'Slowest tests', element('ol', { class: 'slow' }, ...rows));
}

function log({ log: lines }: ReportData): HTMLElement | null {
  if (lines.length === 0) return null;
  const title = `Last ${numberText(lines.length)} lines of the log`;
  return section('log', title, logView(lines));
}

function artifacts({ artifacts: list, run }: ReportData): HTMLElement | null {
  if (list.length === 0) return null;
  const sorted = [...list].sort((one, other) => Number(other.isReport) - Number(one.isReport));
  const items = sorted
    .slice(0, 500)
    .map(({ path, sizeBytes, isReport }) =>
      element(
        'li',
        {},
        element('code', {}, path),
        element('span', { class: 'quiet' }, ` ${sizeText(sizeBytes)}`),
        isReport ? element('span', { class: 'badge report' }, 'report') : null,
      ),
    );
  const where = element(
    'p',
    { class: 'quiet' },
    'The artifacts are stored with the run',
    run.links.run === undefined ? '.' : ': ',
  );
  if (run.links.run !== undefined) where.append(link(run.links.run, 'open it to download them'), '.');
  return section('artifacts', 'Artifacts', where, element('ul', { class: 'files' }, ...items));
}

function environment({ environment: list, run }: ReportData): HTMLElement {
  const rows = list.map(([name, value]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value)),
  );
  return section(
    'environment',
    'Environment',
    element('dl', { class: 'facts' }, ...rows),
    element('h3', {}, 'Command'),
    element('pre', { class: 'trace', tabindex: 0 }, run.command),
  );
}

// The runner writes the data by this type.
const data = JSON.parse(document.getElementById('data')?.textContent ?? '{}') as ReportData;
const logOfRun = log(data);
// The cause of a failure comes first: the failed tests, or the end of the log.
const isFailed = data.run.outcome !== 'succeeded';
const lead = failedTests(data) ?? (isFailed ? logOfRun : null);
const details = [
  warnings(data),
  slowest(data),
  allTests(data),
  lead === logOfRun ? null : logOfRun,
  artifacts(data),
  environment(data),
].filter((part) => part !== null);
const parts = lead === null ? details : [lead, ...details];
const navigation = element(
  'nav',
  { 'aria-label': 'Sections' },
  ...parts.map((part) => element('a', { href: `#${part.id}` }, part.querySelector('h2')?.textContent ?? '')),
);
const main = element(
  'main',
  {},
  navigation,
  ...(isFailed && lead !== null ? [lead, charts(data), ...details] : [charts(data), ...parts]),
);
document.body.append(header(data), main);
// After a failure, the last lines of a log matter most.
const lines = isFailed ? document.querySelector('.log') : null;
if (lines !== null) lines.scrollTop = lines.scrollHeight;
