import { useState } from 'preact/hooks';
import { api, type Stack } from '../lib/api.ts';
import { counted } from '../lib/format.ts';
import { useAction } from '../lib/use-action.ts';
import { useDisclosure } from '../lib/use-disclosure.ts';
import { ErrorMessage } from '../ui/error-message.tsx';

const hourSeconds = 3600;
const hours = [1, 2, 4, 8, 24, 72];

/** The care for a stack: cleaning it after a failed teardown, and reserving it. */
export function StackCare({
  stack,
  project,
  canWrite,
  refresh,
}: {
  stack: Stack;
  project: string;
  canWrite: boolean | undefined;
  refresh: () => void;
}) {
  const action = useAction();
  // The space is there before the answer: what comes later must not move the page.
  if (canWrite === false) return <div class="actions" />;
  const disabled = canWrite === undefined || action.pending;
  const { stackName, dirty, heldBy, reservation } = stack;
  const act = (work: () => Promise<unknown>): void => action.run(() => work().then(refresh));
  return (
    <div class="actions">
      {dirty !== null && heldBy === null && (
        <>
          <button
            type="button"
            disabled={disabled}
            onClick={() => act(() => api.tearDown(project, stackName))}
          >
            Run teardown again
          </button>
          <button
            type="button"
            disabled={disabled}
            title="The stack becomes available without another teardown."
            onClick={() => act(() => api.clean(project, stackName))}
          >
            Mark as clean
          </button>
        </>
      )}
      {reservation === null ? (
        <Reserve
          disabled={disabled}
          reserve={(seconds, reason) => act(() => api.reserve(project, stackName, seconds, reason))}
        />
      ) : (
        <button
          type="button"
          disabled={disabled}
          onClick={() => act(() => api.unreserve(project, stackName))}
        >
          End reservation
        </button>
      )}
      <ErrorMessage error={action.error} />
    </div>
  );
}

function Reserve({
  disabled,
  reserve,
}: {
  disabled: boolean;
  reserve: (seconds: number, reason: string) => void;
}) {
  const { isOpen, setOpen, opener, first, onKeyDown } = useDisclosure();
  const [reason, setReason] = useState('');
  const [time, setTime] = useState(2);
  if (!isOpen) {
    return (
      <button ref={opener} type="button" disabled={disabled} onClick={() => setOpen(true)}>
        Reserve…
      </button>
    );
  }
  return (
    <form
      class="actions"
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        setOpen(false);
        reserve(time * hourSeconds, reason.trim());
      }}
    >
      <label>
        Reason{' '}
        <input
          ref={first}
          required
          maxLength={200}
          pattern=".*\S.*"
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <label>
        Time{' '}
        <select value={time} onChange={(event) => setTime(Number(event.currentTarget.value))}>
          {hours.map((count) => (
            <option key={count} value={count}>
              {counted(count, 'hour')}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">Reserve</button>
      <button type="button" onClick={() => setOpen(false)}>
        Cancel
      </button>
    </form>
  );
}
