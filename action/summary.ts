import type { Workflow } from '../app/client/api-types.ts';
import { firstFailureText, placeText } from '../app/lib/failure-text.ts';
import { costText, counted, durationText, numberText } from '../app/lib/format.ts';
import { byteLength, codeBlock, cutToBytes, htmlText, inlineCode, prose } from '../app/lib/markdown.ts';
import { failureDetails, type TestFailure } from './annotate-failures.ts';
import { durationSeconds } from './outputs.ts';

/** The report has all failures; a person reads this many. */
const maxFailures = 20;
const maxDetailsBytes = 4_000;
const maxLogBytes = 8_000;
/** GitHub accepts 1 MiB from a step, and rejects a longer summary as a whole. */
const maxSummaryBytes = 900_000;

/** The result of a run in Markdown. Names and messages of tests in it have no effect as Markdown. */
export function runSummary(run: Workflow, maxBytes = maxSummaryBytes): string {
  const head = [
    `### Berth: ${prose(run.suite)} — ${prose(cutToBytes(run.summary ?? run.state, 3_000))}`,
    ...firstFailure(run),
    '',
    table(factsOf(run)),
    '',
    linksOf(run),
    ...run.warnings.slice(0, 20).flatMap(({ message }) => ['', `> ${prose(cutToBytes(message, 500))}`]),
  ].join('\n');
  let text = head;
  let shown = 0;
  for (const failure of run.failures.slice(0, maxFailures)) {
    const section = failureSection(failure);
    if (byteLength(text) + byteLength(section) > maxBytes - maxLogBytes - 500) break;
    text += section;
    shown += 1;
  }
  const more = Math.max(run.tests?.failed ?? 0, run.failures.length) - shown;
  const noun = run.tests === null ? 'more error' : 'more failed test';
  if (more > 0) text += `\n${counted(more, noun)}: the report lists all of them.\n`;
  return `${text}${logSection(run)}\n`;
}

/** The first screen says why, like the check of the GitHub App. */
function firstFailure({ conclusion, failures: [first] }: Workflow): readonly string[] {
  return first === undefined || conclusion === 'success' ? [] : ['', firstFailureText(first)];
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
          `${numberText(tests.total)} (${numberText(tests.passed)} passed, ${numberText(tests.failed)} failed, ${numberText(tests.skipped)} skipped)`,
        ],
    run.exit_code === null ? undefined : ['Exit code', String(run.exit_code)],
    seconds === undefined ? undefined : ['Duration', durationText(seconds)],
    run.cost_usd === null ? undefined : ['Estimated cost', costText(run.cost_usd)],
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
    ['Log', run.links.console ?? `${run.run_url}#log`],
  ];
  return links.flatMap(([name, url]) => (url === null ? [] : [`[${name}](${address(url)})`])).join(' · ');
}

function failureSection(failure: TestFailure): string {
  const name = [failure.group, failure.name].filter((part) => part !== '').join(': ');
  const place = failure.file === null ? '' : ` (${placeText(failure)})`;
  const details = failureDetails(failure);
  return expandable(
    name + place,
    details === '' ? 'The test failed without a message.' : cutToBytes(details, maxDetailsBytes),
  );
}

/** Without failed tests, the end of the log is the best explanation. */
function logSection({ conclusion, failures, tests, log_tail: lines }: Workflow): string {
  const hasTests = tests !== null && failures.length > 0;
  if (conclusion === null || conclusion === 'success' || hasTests || lines.length === 0) return '';
  const kept = lastLines(lines, maxLogBytes);
  return expandable(`Last ${counted(kept.length, 'line')} of the log`, kept.join('\n'));
}

/** The last lines that fit. */
function lastLines(lines: readonly string[], maxBytes: number): readonly string[] {
  let used = 0;
  const first = lines.findLastIndex((line) => {
    used += byteLength(line) + 1;
    return used > maxBytes;
  });
  return first === lines.length - 1 ? [cutToBytes(lines.at(-1) ?? '', maxBytes)] : lines.slice(first + 1);
}

/** A section that opens on click. GitHub reads HTML and no Markdown in its title. */
function expandable(title: string, body: string): string {
  return [
    '\n<details>',
    `<summary>${htmlText(cutToBytes(title, 300))}</summary>`,
    '',
    codeBlock(body),
    '',
    '</details>\n',
  ].join('\n');
}

/** A URL in a Markdown link, with the characters escaped that would end the link. */
function address(url: string): string {
  return url.replace(/[()<>\s]/g, (character) =>
    encodeURIComponent(character).replace(/[()]/g, (c) => (c === '(' ? '%28' : '%29')),
  );
}
