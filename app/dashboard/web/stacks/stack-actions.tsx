import { api, type Stack } from '../lib/api.ts';
import { counted } from '../lib/format.ts';
import { useAction } from '../lib/use-action.ts';
import { useDisclosure } from '../lib/use-disclosure.ts';
import { useKeptFocus } from '../lib/use-kept-focus.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { ErrorMessage } from '../ui/error-message.tsx';

const hourSeconds = 3600;

/** Actions of a stack: release it, extend its lease, or force its release. */
export function StackActions({
  stack,
  project,
  canWrite,
  now,
  refresh,
}: {
  stack: Stack;
  project: string;
  canWrite: boolean | undefined;
  now: number;
  refresh: () => void;
}) {
  const action = useAction();
  const box = useKeptFocus<HTMLDivElement>();
  if (canWrite === false) return <div class="actions" />;
  const { stackName, lockToken, leaseUntil, activeRuns } = stack;
  const blocked = canWrite === undefined || action.pending || stack.heldBy === null;
  const act = (work: () => Promise<unknown>): void => action.run(() => work().then(refresh));
  const extend = (): void => {
    const left = leaseUntil === null ? 0 : Math.max(0, Date.parse(leaseUntil) - now) / 1000;
    act(() => api.extend(project, stackName, lockToken, Math.round(left) + hourSeconds));
  };
  return (
    <div ref={box} class="actions">
      <ActionButton
        blocked={blocked || activeRuns.length > 0}
        title={
          activeRuns.length > 0 ? 'A run is using the stack. Cancel it, or force the release.' : undefined
        }
        onClick={() => act(() => api.release(project, stackName, lockToken))}
      >
        Release
      </ActionButton>
      <ActionButton
        blocked={blocked || leaseUntil === null}
        title={leaseUntil === null ? 'The hold has no lease.' : undefined}
        onClick={extend}
      >
        Extend by 1 hour
      </ActionButton>
      <ForceRelease
        blocked={blocked}
        runs={activeRuns.length}
        act={() => act(() => api.reclaim(project, stackName, lockToken))}
      />
      <ErrorMessage error={action.error} />
    </div>
  );
}

/** Ends the work of another person, so it asks for a confirmation. "Cancel" comes first, where the button was. */
function ForceRelease({ blocked, runs, act }: { blocked: boolean; runs: number; act: () => void }) {
  const { isOpen, setOpen, opener, first, onKeyDown } = useDisclosure();
  if (!isOpen || blocked) {
    return (
      <ActionButton key="open" element={opener} blocked={blocked} onClick={() => setOpen(true)}>
        Force release…
      </ActionButton>
    );
  }
  return (
    <>
      <button key="cancel" ref={first} type="button" onKeyDown={onKeyDown} onClick={() => setOpen(false)}>
        Cancel
      </button>
      <button
        key="confirm"
        type="button"
        class="danger"
        onKeyDown={onKeyDown}
        onClick={() => {
          setOpen(false);
          act();
        }}
      >
        {runs > 0 ? `Force release and cancel ${counted(runs, 'run')}` : 'Force release'}
      </button>
    </>
  );
}
