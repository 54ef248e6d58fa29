import { numberText } from '../../../lib/format.ts';
import { counted } from '../lib/format.ts';
import { Icon } from '../ui/icon.tsx';
import type { LogSearch } from './use-log-search.ts';

export interface LogOptions {
  readonly follow: boolean;
  readonly wrap: boolean;
  readonly times: boolean;
}

interface Props {
  readonly id: string;
  readonly lineCount: number;
  readonly complete: boolean;
  /** False while the log of a finished run is loading. */
  readonly active: boolean;
  readonly hasTimes: boolean;
  readonly hasGroups: boolean;
  readonly options: LogOptions;
  readonly set: (change: Partial<LogOptions>) => void;
  readonly setAll: (folded: boolean) => void;
  readonly search: LogSearch;
  readonly copy: () => void;
  /** The text that was copied last. */
  readonly copied: string;
}

export function LogToolbar(props: Props) {
  const { id, lineCount, complete, active, hasGroups, setAll, copy, copied } = props;
  const url = `/workflow/${encodeURIComponent(id)}/logs`;
  return (
    <div class="log-tools">
      <Search search={props.search} />
      {/* Only what was copied is announced: a live log has more lines every second. */}
      <span class="quiet">
        {copied === '' && `${counted(lineCount, 'line')}${complete ? '' : active ? ', live' : ', loading'}`}
        <span role="status">{copied}</span>
      </span>
      <span class="log-switches">
        <Switches {...props} />
        {hasGroups && (
          <>
            <button type="button" class="plain" onClick={() => setAll(true)}>
              Collapse all
            </button>
            <button type="button" class="plain" onClick={() => setAll(false)}>
              Expand all
            </button>
          </>
        )}
        <button type="button" class="plain" onClick={copy}>
          Copy
        </button>
        <a href={`${url}?format=raw`} target="_blank" rel="noreferrer">
          Raw
        </a>
        <a href={`${url}?format=text`} download={`${id}.log`}>
          Download
        </a>
      </span>
    </div>
  );
}

function Switches({ options, set, hasTimes, complete, active }: Props) {
  const box = (name: keyof LogOptions, label: string) => (
    <label class="check">
      <input
        type="checkbox"
        checked={options[name]}
        onChange={(event) => set({ [name]: event.currentTarget.checked })}
      />{' '}
      {label}
    </label>
  );
  return (
    <>
      {!complete && active && box('follow', 'Follow')}
      {box('wrap', 'Wrap')}
      {hasTimes && box('times', 'Timestamps')}
    </>
  );
}

function Search({ search }: { search: LogSearch }) {
  const { text, matches, current, setText, move } = search;
  const none = matches.length === 0;
  return (
    <search class="log-search">
      <input
        type="search"
        aria-label="Search the log"
        placeholder="Search the log"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter') return;
          event.preventDefault();
          move(event.shiftKey ? -1 : 1);
        }}
      />
      <button type="button" aria-label="Previous match" disabled={none} onClick={() => move(-1)}>
        <Icon name="up" />
      </button>
      <button type="button" aria-label="Next match" disabled={none} onClick={() => move(1)}>
        <Icon name="down" />
      </button>
      <span class="quiet match-count" role="status">
        {text === ''
          ? ''
          : none
            ? 'No matches'
            : `${numberText(current + 1)} of ${numberText(matches.length)}`}
      </span>
    </search>
  );
}
