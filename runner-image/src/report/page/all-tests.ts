import { counted, numberText } from '../../../../app/lib/format.ts';
import { outcomes, type ReportCases, type ReportData } from '../report-data.ts';
import { element, section } from './dom.ts';
import { failureId } from './failed-tests.ts';
import { duration } from './format.ts';

const pageSize = 50;

type Order = 'as run' | 'slowest' | 'name';

/** Shows all tests with a search, filters, and an order. Only one page of them is in the document. */
export function allTests({ cases, totals, failures }: ReportData): HTMLElement | null {
  if (cases.names.length === 0) return null;
  const texts = cases.names.map((name, place) => `${name}\n${groupOf(cases, place)}`.toLowerCase());
  const flaky = new Set(cases.flaky);
  const earlier = new Set(cases.earlier);
  const failedAt = new Map(failures.map(({ name, group }, place) => [keyOf(group, name), place]));
  let words: string[] = [];
  let choice: string = 'all';
  let order: Order = 'as run';
  let page = 0;

  const rows = element('tbody');
  const summary = element('p', { class: 'quiet', role: 'status' });
  const back = element('button', { type: 'button' }, '← Back');
  const next = element('button', { type: 'button' }, 'Next →');
  const search = element('input', {
    type: 'search',
    placeholder: 'Search name or group',
    'aria-label': 'Search tests',
  });
  const choices = ['all', ...outcomes, ...(flaky.size > 0 ? (['flaky'] as const) : [])] as const;
  const filters = choices.map((name) => {
    const count = totals?.[name === 'all' ? 'total' : name];
    const button = element(
      'button',
      { type: 'button', 'aria-pressed': name === 'all' ? 'true' : 'false' },
      `${name} ${numberText(count ?? 0)}`,
    );
    button.addEventListener('click', () => {
      choice = name;
      for (const [place, other] of filters.entries()) {
        other.setAttribute('aria-pressed', choices[place] === name ? 'true' : 'false');
      }
      show(0);
    });
    return button;
  });
  const orders = element(
    'select',
    { 'aria-label': 'Order' },
    ...(['as run', 'slowest', 'name'] as const).map((name) => element('option', { value: name }, name)),
  );

  function matching(): number[] {
    const places = [...cases.names.keys()].filter(
      (place) =>
        (choice === 'all' ||
          (choice === 'flaky' ? flaky.has(place) : outcomes[cases.outcome[place] ?? 0] === choice)) &&
        words.every((word) => texts[place]?.includes(word)),
    );
    if (order === 'slowest')
      places.sort((one, other) => (cases.seconds[other] ?? 0) - (cases.seconds[one] ?? 0));
    if (order === 'name') places.sort((one, other) => ((texts[one] ?? '') < (texts[other] ?? '') ? -1 : 1));
    return places;
  }

  function show(wanted: number): void {
    const places = matching();
    const last = Math.max(0, Math.ceil(places.length / pageSize) - 1);
    page = Math.min(Math.max(0, wanted), last);
    const shown = places.slice(page * pageSize, (page + 1) * pageSize);
    rows.replaceChildren(...shown.map((place) => row(cases, place, { failedAt, flaky, earlier })));
    const range =
      shown.length === 0 ? '' : `, ${page * pageSize + 1} to ${page * pageSize + shown.length} shown`;
    const hidden = cases.notListed > 0 ? `; ${counted(cases.notListed, 'test')} more not listed` : '';
    summary.textContent = `${counted(places.length, 'test')}${range}${hidden}`;
    back.disabled = page === 0;
    next.disabled = page === last;
  }

  search.addEventListener('input', () => {
    words = search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    show(0);
  });
  orders.addEventListener('change', () => {
    order = orders.value === 'slowest' || orders.value === 'name' ? orders.value : 'as run';
    show(0);
  });
  back.addEventListener('click', () => show(page - 1));
  next.addEventListener('click', () => show(page + 1));
  show(0);

  const head = ['Test', 'Outcome', 'Time'].map((title) => element('th', { scope: 'col' }, title));
  return section(
    'tests',
    'All tests',
    element(
      'div',
      { class: 'tools' },
      search,
      element('div', { class: 'filters', role: 'group', 'aria-label': 'Outcome' }, ...filters),
      orders,
    ),
    element(
      'div',
      { class: 'wide' },
      element('table', {}, element('thead', {}, element('tr', {}, ...head)), rows),
    ),
    element('div', { class: 'pager' }, back, summary, next),
  );
}

interface RowMarks {
  readonly failedAt: ReadonlyMap<string, number>;
  readonly flaky: ReadonlySet<number>;
  readonly earlier: ReadonlySet<number>;
}

function row(cases: ReportCases, place: number, { failedAt, flaky, earlier }: RowMarks): HTMLElement {
  const outcome = outcomes[cases.outcome[place] ?? 0] ?? 'passed';
  const name = cases.names[place] ?? '';
  const failure = failedAt.get(keyOf(groupOf(cases, place), name));
  return element(
    'tr',
    {},
    element(
      'td',
      {},
      outcome === 'failed' && failure !== undefined
        ? toFailure(name, failureId(failure))
        : element('span', { class: 'case-name' }, name),
      element('span', { class: 'case-group' }, groupOf(cases, place)),
    ),
    element(
      'td',
      {},
      element('span', { class: `badge ${outcome}` }, outcome),
      ...(flaky.has(place) ? [' ', element('span', { class: 'badge flaky' }, 'flaky')] : []),
      ...(earlier.has(place) ? [' ', element('span', { class: 'quiet' }, 'earlier')] : []),
    ),
    element('td', { class: 'number' }, duration(cases.seconds[place] ?? 0)),
  );
}

/** Links to a failed test, and expands it. */
function toFailure(name: string, id: string): HTMLElement {
  const anchor = element('a', { class: 'case-name', href: `#${id}` }, name);
  anchor.addEventListener('click', () => document.getElementById(id)?.setAttribute('open', ''));
  return anchor;
}

function keyOf(group: string, name: string): string {
  return `${group}\n${name}`;
}

function groupOf(cases: ReportCases, place: number): string {
  return cases.groups[cases.group[place] ?? 0] ?? '';
}
