import { useState } from 'preact/hooks';
import type { RunDetails } from '../lib/api.ts';
import { LogExcerpt } from '../log/log-excerpt.tsx';
import { useLog } from '../log/use-log.ts';
import { Sentences } from '../ui/sentences.tsx';

/** The services that failed, each with the end of its log: tests that need them fail for this reason. */
export function FailedServices({ run }: { run: RunDetails }) {
  const ended = run.warnings.filter(({ code }) => code === 'service_ended');
  const messages = [run.summary ?? '', ...ended.map(({ message }) => message)].join(' ');
  const failed = run.services.filter(({ name }) => messages.includes(`The service ${name} `));
  const hasFailures = run.failures.length > 0;
  return (
    <>
      {/* Without failed tests, the summary says it. */}
      {hasFailures &&
        ended.map(({ message }) => (
          <p key={message} class="summary">
            <Sentences text={message} />
          </p>
        ))}
      {failed.map(({ name }) => (
        <ServiceLog key={name} id={run.id} name={name} opensAtFirst={!hasFailures} />
      ))}
    </>
  );
}

function ServiceLog({ id, name, opensAtFirst }: { id: string; name: string; opensAtFirst: boolean }) {
  const [isOpen, setIsOpen] = useState(opensAtFirst);
  return (
    <details
      class="failure service-log"
      open={opensAtFirst}
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary>
        Log of the service <strong>{name}</strong>
      </summary>
      {isOpen && <LogEnd id={id} name={name} />}
    </details>
  );
}

const ignore = (): void => undefined;

function LogEnd({ id, name }: { id: string; name: string }) {
  const { document, complete } = useLog(id, ignore, name);
  if (complete && document.lines.length === 0) return <p class="quiet">The service printed nothing.</p>;
  return <LogExcerpt document={document} numbered={false} />;
}
