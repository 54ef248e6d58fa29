/** A part of a log that can be folded: its first line is its title. */
export interface LogGroup {
  /** Index of the line with the marker. */
  readonly start: number;
  /** Index of the last line inside; undefined while the group is open-ended. */
  end?: number;
  /** Whether the last line inside is only a marker. */
  isClosed?: boolean;
  readonly title: string;
  readonly kind: 'phase' | 'group';
  /** Whether the author of the log, or the phase, shows it open at first. */
  opensByDefault: boolean;
}

type Marker =
  | { readonly kind: 'open' | 'section'; readonly title: string; readonly isOpen: boolean }
  | { readonly kind: 'close' }
  | { readonly kind: 'phase'; readonly title: string }
  | { readonly kind: 'expand' };

/** Lines by which the runner announces its phases. */
const phases: Readonly<Record<string, string>> = {
  '[berth] Running the setup command.': 'Setup',
  '[berth] Running the test command.': 'Tests',
};

/**
 * Finds groups as lines arrive: `::group::` and `##[group]` of GitHub Actions, `---`, `+++` and `~~~` headers of
 * Buildkite, and the runner's phases.
 */
export function createGroupFinder() {
  const groups: LogGroup[] = [];
  let phase: LogGroup | undefined;
  /** GitHub's groups nest; Buildkite's headers end each other. */
  let open: LogGroup[] = [];
  let section: LogGroup | undefined;

  const begin = (start: number, title: string, kind: LogGroup['kind'], opensByDefault: boolean): LogGroup => {
    const group: LogGroup = { start, title, kind, opensByDefault };
    groups.push(group);
    return group;
  };
  const finish = (group: LogGroup | undefined, end: number): void => {
    if (group !== undefined) group.end = end;
  };
  const finishInner = (end: number): void => {
    for (const group of open) finish(group, end);
    open = [];
    finish(section, end);
    section = undefined;
  };

  return {
    groups: groups as readonly LogGroup[],
    /** @param text the line without control sequences. */
    push(text: string, index: number): void {
      const marker = markerOf(text);
      if (marker === undefined) return;
      if (marker.kind === 'phase') {
        finishInner(index - 1);
        finish(phase, index - 1);
        // The setup is less interesting once the tests run.
        if (phase !== undefined && marker.title === 'Tests') phase.opensByDefault = false;
        phase = begin(index, marker.title, 'phase', true);
      } else if (marker.kind === 'open') {
        open.push(begin(index, marker.title, 'group', marker.isOpen));
      } else if (marker.kind === 'close') {
        const closed = open.pop();
        finish(closed, index);
        if (closed !== undefined) closed.isClosed = true;
      } else if (marker.kind === 'section') {
        finish(section, index - 1);
        section = begin(index, marker.title, 'group', marker.isOpen);
      } else if (section !== undefined) section.opensByDefault = true;
    },
  };
}

function markerOf(text: string): Marker | undefined {
  switch (text[0]) {
    case '[': {
      const title = phases[text];
      return title === undefined ? undefined : { kind: 'phase', title };
    }
    case ':':
    case '#':
      return githubMarker(text);
    case '-':
    case '+':
    case '~':
      return buildkiteMarker(text);
    case '^':
      return text.startsWith('^^^ +++') ? { kind: 'expand' } : undefined;
    default:
      return undefined;
  }
}

/** The markers of GitHub Actions, as its own page shows them. @param text the line without control sequences. */
export function githubMarker(text: string): Marker | undefined {
  const title = /^(?:::group::|##\[group\])(.*)$/.exec(text)?.[1];
  if (title !== undefined) return { kind: 'open', title: title.trim() || 'Group', isOpen: false };
  return /^(?:::endgroup::|##\[endgroup\])/.test(text) ? { kind: 'close' } : undefined;
}

/** Tells whether a line is only the end of a group, or opens one, and means nothing to a reader. */
export function isSilentMarker(text: string): boolean {
  const kind = markerOf(text)?.kind;
  return kind === 'close' || kind === 'expand';
}

/** The headers of a diff, and the results of `go test`, begin like Buildkite's. */
const notBuildkite = /^(?:(?:---|\+\+\+) (?:[ab]\/|\/dev\/null|[^ ]+\t)|--- (?:FAIL|PASS|SKIP|BENCH): )/;

function buildkiteMarker(text: string): Marker | undefined {
  const match = /^(---|\+\+\+|~~~) (\S.*)$/.exec(text);
  if (match === null || notBuildkite.test(text)) return undefined;
  return { kind: 'section', title: match[2]?.trim() ?? '', isOpen: match[1] === '+++' };
}
