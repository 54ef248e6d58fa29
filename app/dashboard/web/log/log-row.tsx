import { timestamp } from '../../../lib/format.ts';
import { isSilentMarker, type LogGroup } from '../../../lib/log/log-groups.ts';
import { counted } from '../lib/format.ts';
import { Icon } from '../ui/icon.tsx';
import { AnsiText } from './ansi-text.tsx';
import type { LogLine } from './log-document.ts';

interface Props {
  readonly line: LogLine;
  /** Counted from 1. */
  readonly number: number;
  readonly group: LogGroup | undefined;
  readonly isFolded: boolean;
  readonly showsTime: boolean;
  readonly mark: string;
  readonly toggle: (group: LogGroup) => void;
  readonly select: (line: number, extend: boolean) => void;
}

/** The content of one line: its number, which links to it, its time, and its text or the title of a group. */
export function LogRow(props: Props) {
  const { line, number, group, showsTime, select } = props;
  return (
    <>
      <a
        href={`#L${number}`}
        class="line-number"
        aria-label={`Link to line ${number}`}
        onClick={(event) => {
          event.preventDefault();
          select(number, event.shiftKey);
        }}
      >
        {number}
      </a>
      {showsTime && <LineTime at={line.at} />}
      {group === undefined ? <Text {...props} /> : <GroupTitle {...props} group={group} />}
    </>
  );
}

/** The time of day; hovering shows the date and the time zone. */
function LineTime({ at }: { at: string | undefined }) {
  if (at === undefined) return <span class="line-time" />;
  return (
    <time class="line-time" dateTime={at} title={timestamp(at)}>
      {timeOfDay(at)}
    </time>
  );
}

function Text({ line, mark }: Props) {
  if (isSilentMarker(line.plain)) return <code />;
  return <AnsiText line={line} mark={mark} />;
}

function GroupTitle({ group, number, isFolded, toggle }: Props & { readonly group: LogGroup }) {
  const count = group.end === undefined ? 0 : group.end - number + (group.isClosed === true ? 0 : 1);
  return (
    <button
      type="button"
      class={`fold ${group.kind}`}
      aria-expanded={!isFolded}
      onClick={() => toggle(group)}
    >
      <Icon name="chevron" /> {group.title}
      {count > 0 && <span class="count"> {counted(count, 'line')}</span>}
    </button>
  );
}

function timeOfDay(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, {
    // Not hour12: midnight would be 24:00.
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  });
}
