import { useState } from 'preact/hooks';
import { api } from '../lib/api.ts';
import { usePoll } from '../lib/use-poll.ts';
import { ErrorMessage } from '../ui/error-message.tsx';

/** The status badge of the selected branch and suite, with the Markdown for a README. */
export function BadgeCode({ project, branch, suite }: { project: string; branch: string; suite: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="card badge-code" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Status badge</summary>
      {open && <Badge project={project} branch={branch} suite={suite} />}
    </details>
  );
}

function Badge({ project, branch, suite }: { project: string; branch: string; suite: string }) {
  const query = new URLSearchParams(Object.entries({ branch, suite }).filter(([, value]) => value !== ''));
  const { value, error } = usePoll(`badge ${project} ${query}`, () => api.badge(project, query), undefined);
  if (value === undefined) return <ErrorMessage error={error} />;
  const { pathname, search } = new URL(value.image_url);
  return (
    <>
      <p>
        <img src={pathname + search} alt="Current status" height="20" />
      </p>
      <p class="quiet">
        {branch === '' && 'For the default branch. Filter by a branch or a suite for another badge. '}
        Anyone with the address of the picture sees this status.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
      <pre tabIndex={0}>{value.markdown}</pre>
    </>
  );
}
