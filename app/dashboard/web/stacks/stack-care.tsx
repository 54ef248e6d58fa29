import { useState } from 'preact/hooks';
import { api, type Stack } from '../lib/api.ts';
import { counted } from '../lib/format.ts';
import { useAction } from '../lib/use-action.ts';
import { useDisclosure } from '../lib/use-disclosure.ts';
import { useKeptFocus } from '../lib/use-kept-focus.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { ErrorMessage } from '../ui/error-message.tsx';
import { Select } from '../ui/select.tsx';

const hourSeconds = 3600;
const hours = [1, 2, 4, 8, 24, 72].map((count) => [String(count), counted(count, 'hour')] as const);

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
  const box = useKeptFocus<HTMLDivElement>();
  // The space is there before the answer: what comes later must not move the page.
  if (canWrite === false) return <div class="actions" />;
  const blocked = canWrite === undefined || action.pending;
  const { stackName, dirty, heldBy, reservation } = stack;
  const act = (work: () => Promise<unknown>): void => action.run(() => work().then(refresh));
  return (
    <div ref={box} class="actions">
      {dirty !== null && heldBy === null && (
        <>
          <ActionButton blocked={blocked} onClick={() => act(() => api.tearDown(project, stackName))}>
            Run teardown again
          </ActionButton>
          <ActionButton
            blocked={blocked}
            title="The stack becomes available without another teardown."
            onClick={() => act(() => api.clean(project, stackName))}
          >
            Mark as clean
          </ActionButton>
        </>
      )}
      {reservation === null ? (
        <Reserve
          blocked={blocked}
          reserve={(seconds, reason) => act(() => api.reserve(project, stackName, seconds, reason))}
        />
      ) : (
        <ActionButton blocked={blocked} onClick={() => act(() => api.unreserve(project, stackName))}>
          End reservation
        </ActionButton>
      )}
      <ErrorMessage error={action.error} />
    </div>
  );
}

function Reserve({
  blocked,
  reserve,
}: {
  blocked: boolean;
  reserve: (seconds: number, reason: string) => void;
}) {
  const { isOpen, setOpen, opener, first, onKeyDown } = useDisclosure();
  const [reason, setReason] = useState('');
  const [time, setTime] = useState('2');
  if (!isOpen) {
    return (
      <ActionButton element={opener} blocked={blocked} onClick={() => setOpen(true)}>
        Reserve…
      </ActionButton>
    );
  }
  return (
    <form
      class="actions"
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault();
        setOpen(false);
        reserve(Number(time) * hourSeconds, reason.trim());
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
      <Select label="Time" value={time} options={hours} change={setTime} />
      <button type="submit">Reserve</button>
      <button type="button" onClick={() => setOpen(false)}>
        Cancel
      </button>
    </form>
  );
}
