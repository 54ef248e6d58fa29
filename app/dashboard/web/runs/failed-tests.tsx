import { useContext } from 'preact/hooks';
import { failureText } from '../../../lib/failure-text.ts';
import type { RunComparison, RunDetails, TestName } from '../lib/api.ts';
import { counted } from '../lib/format.ts';
import { SourceUrls } from '../log/source-urls.ts';
import { Sentences } from '../ui/sentences.tsx';

/** How many failed tests are open at first. */
const openAtFirst = 3;

/** The failed tests of a run; those that are new on the branch are marked. */
export function FailedTests({ run, comparison }: { run: RunDetails; comparison: RunComparison | undefined }) {
  const base = comparison?.base?.tests;
  const isIn = (tests: readonly TestName[] | undefined, test: TestName): boolean =>
    tests?.some((other) => test.group === other.group && test.name === other.name) ?? false;
  const hidden = (run.tests?.failed ?? 0) - run.failures.length;
  return (
    <>
      {run.failures.map((failure, index) => (
        <details key={`${failure.group} ${failure.name} ${index}`} class="failure" open={index < openAtFirst}>
          <summary>
            <strong>{failure.name}</strong> <span class="quiet">{failure.group}</span>
            {isIn(base?.newly_failing, failure) && <span class="tag">New on this branch</span>}
            {isIn(base?.still_failing, failure) && (
              <span class="tag">Also fails on {comparison?.base_branch}</span>
            )}
          </summary>
          <p class="failure-links">
            <Place file={failure.file} line={failure.line} />{' '}
            <a href={historyUrl(run, failure)}>Test history</a>
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
          <pre tabIndex={0}>{failureText(failure)}</pre>
        </details>
      ))}
      {hidden > 0 && (
        <p class="quiet">
          {counted(hidden, 'more failed test')}
          {run.report_url === null ? (
            ''
          ) : (
            <>
              {' '}
              in the <a href={`/workflow/${run.id}/report`}>report</a>
            </>
          )}
        </p>
      )}
    </>
  );
}

/** The errors of a compiler, or the mistakes in the settings: each has a place and a line of text. */
export function Mistakes({ run }: { run: RunDetails }) {
  return (
    <ul class="build-errors">
      {run.failures.map(({ name, message, file, line }, index) => (
        <li key={`${name} ${index}`}>
          {file === null ? <code>{name}</code> : <Place file={file} line={line} />}{' '}
          <Sentences text={message} />
        </li>
      ))}
    </ul>
  );
}

function Place({ file, line }: { file: string | null; line: number | null }) {
  const sourceUrl = useContext(SourceUrls);
  if (file === null) return null;
  const text = line === null ? file : `${file}:${line}`;
  // The settings of an organization are in another repository.
  const isInRepository = !file.startsWith('/') && !file.includes('..') && !file.includes(': ');
  const href = isInRepository ? sourceUrl?.(file, String(line ?? 1)) : undefined;
  return <code>{href === undefined ? text : <a href={href}>{text}</a>}</code>;
}

function historyUrl(run: RunDetails, { group, name }: TestName): string {
  return `/tests/history?${new URLSearchParams({ project: run.project_id, suite: run.suite, group, name })}`;
}
