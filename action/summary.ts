import { byteLength, codeBlock, cutToBytes, inlineCode, prose } from '../app/lib/markdown.ts';
import type { TestFailure, Workflow } from './berth-api.ts';
import { durationSeconds } from './outputs.ts';

/** Failures that a person reads; the report has the others. */
const mostFailures = 20;
const longestDetailsBytes = 4_000;
/** GitHub takes a mebibyte of a step, and refuses all of it where it is more. */
const longestBytes = 900_000;

/** A run's result for the job summary, in Markdown. Names and messages of tests in it are inert. */
export function runSummary(run: Workflow): string {
  const head = [
    `### Berth: ${prose(run.suite)} — ${prose(run.summary ?? run.state)}`,
    '',
    table(factsOf(run)),
    '',
    linksOf(run),
    ...warningsOf(run),
  ].join('\n');
  let text = head;
  let shown = 0;
  for (const failure of run.failures.slice(0, mostFailures)) {
    const section = failureSection(failure);
    if (byteLength(text) + byteLength(section) > longestBytes) break;
    text += section;
    shown += 1;
  }
  const more = Math.max(run.tests?.failed ?? 0, run.failures.length) - shown;
  if (more > 0) text += `\n${more} more failed; the report has them all.\n`;
  return `${text}\n`;
}

type Fact = readonly [name: string, value: string];

function factsOf(run: Workflow): Fact[] {
  const { tests } = run;
  const seconds = durationSeconds(run);
  const facts: (Fact | undefined)[] = [
    ['Branch', commitOf(run)],
    run.stack_name === null ? undefined : ['Stack', inlineCode(run.stack_name)],
    tests === null
      ? undefined
      : [
          'Tests',
          `${tests.total} (${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped)`,
        ],
    run.exit_code === null ? undefined : ['Exit code', String(run.exit_code)],
    seconds === undefined ? undefined : ['Duration', durationText(seconds)],
    run.cost_usd === null ? undefined : ['Cost', `$${run.cost_usd.toFixed(4)} (estimated)`],
  ];
  return facts.filter((fact) => fact !== undefined);
}

function commitOf(run: Workflow): string {
  const branch = inlineCode(run.branch);
  if (run.sha === null) return branch;
  const short = inlineCode(run.sha.slice(0, 7));
  return `${branch} at ${run.links.commit === null ? short : `[${short}](${address(run.links.commit)})`}`;
}

function table(facts: readonly Fact[]): string {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    row(facts.map(([name]) => name)),
    row(facts.map(() => '---')),
    row(facts.map(([, value]) => value)),
  ].join('\n');
}

function linksOf(run: Workflow): string {
  const links: (readonly [string, string | null])[] = [
    ['Run', run.run_url],
    ['Report', run.report_url],
    ['Log', run.links.console ?? run.logs_url],
  ];
  return links.flatMap(([name, url]) => (url === null ? [] : [`[${name}](${address(url)})`])).join(' · ');
}

function warningsOf(run: Workflow): string[] {
  return run.warnings.flatMap(({ message }) => ['', `> ${prose(message)}`]);
}

function failureSection(failure: TestFailure): string {
  const name = [failure.group, failure.name].filter((part) => part !== '').join(': ');
  const place =
    failure.file === null ? '' : ` (${failure.file}${failure.line === null ? '' : `:${failure.line}`})`;
  const details = [failure.message, failure.details ?? ''].filter((part) => part.trim() !== '').join('\n');
  // Within a summary tag GitHub reads HTML and no Markdown, so code marks would be shown as they are.
  return [
    '\n<details>',
    `<summary>${prose(cutToBytes(name + place, 300))}</summary>`,
    '',
    codeBlock(
      cutToBytes(details === '' ? 'The test failed without a message.' : details, longestDetailsBytes),
    ),
    '',
    '</details>\n',
  ].join('\n');
}

/** A URL of Berth's in a Markdown link: what would end the link is escaped. */
function address(url: string): string {
  return url.replace(/[()<>\s]/g, (character) =>
    encodeURIComponent(character).replace(/[()]/g, (c) => (c === '(' ? '%28' : '%29')),
  );
}

export function durationText(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  const parts = [h > 0 ? `${h} h` : '', m > 0 ? `${m} min` : '', s > 0 || seconds === 0 ? `${s} s` : ''];
  return parts.filter((part) => part !== '').join(' ');
}
