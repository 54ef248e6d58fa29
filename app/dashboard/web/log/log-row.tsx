import { githubMarker, type LogGroup } from '../../../lib/log/log-groups.ts';
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
  readonly sourceUrl: ((path: string, line: string) => string) | undefined;
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
      {showsTime && <span class="line-time">{line.at === undefined ? '' : timeOfDay(line.at)}</span>}
      {group === undefined ? <Text {...props} /> : <GroupTitle {...props} group={group} />}
    </>
  );
}

function Text({ line, mark, sourceUrl }: Props) {
  // The end of a group says nothing to a reader.
  if (githubMarker(line.plain)?.kind === 'close') return <code />;
  return <AnsiText line={line} mark={mark} sourceUrl={sourceUrl} />;
}

function GroupTitle({ group, number, isFolded, toggle }: Props & { readonly group: LogGroup }) {
  const count = group.end === undefined ? undefined : group.end - number + 1;
  return (
    <button
      type="button"
      class={`fold ${group.kind}`}
      aria-expanded={!isFolded}
      onClick={() => toggle(group)}
    >
      <Icon name="chevron" /> {group.title}
      {count !== undefined && count > 0 && <span class="count"> {count.toLocaleString()} lines</span>}
    </button>
  );
}

function timeOfDay(iso: string): string {
  return new Date(iso).toLocaleTimeString(undefined, {
    hour12: false,
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  });
}
