import type { TestTotals } from '../../../../app/core/model/test-results.ts';
import { counted, numberText } from '../../../../app/lib/format.ts';
import { outcomes, type ReportData } from '../report-data.ts';
import { element, svg } from './dom.ts';
import { duration } from './format.ts';

const radius = 42;
const circumference = 2 * Math.PI * radius;
/** Bounds of the bars of the histogram, in seconds: about half a power of ten each. */
const bounds = [0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** Shows a ring of passed, failed, and skipped tests, and the same as numbers. */
export function resultsChart(totals: TestTotals): HTMLElement {
  const parts = outcomes.map((name) => ({ name, count: totals[name] }));
  let start = 0;
  const arcs = parts.map(({ name, count }) => {
    const length = totals.total === 0 ? 0 : (count / totals.total) * circumference;
    const arc = svg('circle', {
      class: `arc ${name}`,
      cx: 60,
      cy: 60,
      r: radius,
      'stroke-dasharray': `${length} ${circumference - length}`,
      'stroke-dashoffset': -start,
    });
    start += length;
    return arc;
  });
  const label = parts.map(({ name, count }) => `${count} ${name}`).join(', ');
  const ring = svg(
    'svg',
    { viewBox: '0 0 120 120', class: 'ring', role: 'img', 'aria-label': label },
    svg('circle', { class: 'track', cx: 60, cy: 60, r: radius }),
    svg('g', { transform: 'rotate(-90 60 60)' }, ...arcs),
    svg('text', { x: 60, y: 60, class: 'ring-number' }, share(totals)),
    svg('text', { x: 60, y: 76, class: 'ring-word' }, 'passed'),
  );
  const sum = `${counted(totals.total, 'test')}, ${duration(totals.durationSeconds)} in total`;
  const legend = element(
    'ul',
    { class: 'legend' },
    ...parts.map(({ name, count }) => legendItem(name, element('b', {}, numberText(count)), ` ${name}`)),
    element('li', { class: 'quiet' }, sum),
  );
  return card('Results', element('div', { class: 'results' }, ring, legend));
}

/** Shows how many tests took how long. The scale grows tenfold in two bars. */
export function durationsChart(seconds: readonly number[]): HTMLElement {
  const counts = new Array<number>(bounds.length + 1).fill(0);
  for (const value of seconds) {
    const place = bounds.findIndex((bound) => value < bound);
    const bar = place === -1 ? bounds.length : place;
    counts[bar] = (counts[bar] ?? 0) + 1;
  }
  const highest = Math.max(1, ...counts);
  // Bars beyond the longest test are left out, and the others are wider.
  const bars = counts.slice(0, Math.max(4, counts.findLastIndex((count) => count > 0) + 1));
  const step = 308 / bars.length;
  const shapes = bars.flatMap((count, place) => {
    // With the square root, a bar of one test stays visible next to one of ten thousand.
    const height = count === 0 ? 0 : Math.max(2, Math.sqrt(count / highest) * 80);
    const x = place * step + 4;
    const middle = x + (step - 6) / 2;
    return [
      svg(
        'rect',
        { class: 'bar', x, y: 96 - height, width: step - 6, height, rx: 2 },
        svg('title', {}, `${barName(place)}: ${counted(count, 'test')}`),
      ),
      svg('text', { class: 'bar-count', x: middle, y: 91 - height }, count === 0 ? '' : short(count)),
      svg('text', { class: 'bar-name', x: middle, y: 110 }, barLabel(place)),
    ];
  });
  const label = counts.map((count, place) => `${barName(place)}: ${count}`).join('; ');
  const chart = svg(
    'svg',
    { viewBox: '0 0 312 116', class: 'bars', role: 'img', 'aria-label': label },
    ...shapes,
  );
  return card(
    'Durations',
    chart,
    element('p', { class: 'quiet' }, 'Tests by how long they took, up to the time below each bar.'),
  );
}

/** Named as on the page of the run. */
const phaseNames: Readonly<Record<string, string>> = {
  fetch: 'Checkout',
  setup: 'Setup',
  test: 'Tests',
  report: 'Report',
  upload: 'Upload',
};

/** The run's phases as one bar. */
export function phasesChart(phases: ReportData['phases']): HTMLElement {
  const spans = phases.flatMap(({ name, startedAt, finishedAt }) =>
    finishedAt === undefined
      ? []
      : [{ name, seconds: (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000 }],
  );
  const total = Math.max(0.001, ...[spans.reduce((sum, { seconds }) => sum + seconds, 0)]);
  const bar = element('div', { class: 'phases', 'aria-hidden': true });
  for (const { name, seconds } of spans) {
    const part = element('span', {
      class: `phase ${name}`,
      title: `${phaseNames[name] ?? name}: ${duration(seconds)}`,
    });
    part.style.flexGrow = String(Math.max(0.01, seconds / total));
    bar.append(part);
  }
  const legend = element(
    'ul',
    { class: 'legend' },
    ...spans.map(({ name, seconds }) =>
      legendItem(name, `${phaseNames[name] ?? name} `, element('b', {}, duration(seconds))),
    ),
  );
  return card('Phases', bar, legend);
}

function legendItem(name: string, ...children: readonly (Node | string)[]): HTMLElement {
  return element('li', {}, element('span', { class: `dot ${name}`, 'aria-hidden': true }), ...children);
}

function card(title: string, ...children: readonly Node[]): HTMLElement {
  return element('div', { class: 'card' }, element('p', { class: 'card-title' }, title), ...children);
}

/** The share of passed tests among those that ran, rounded down: never "100%" while one of them has failed. */
function share({ passed, failed }: TestTotals): string {
  if (passed + failed === 0) return '–';
  const perMille = Math.floor((passed / (passed + failed)) * 1000);
  return `${perMille > 900 ? perMille / 10 : Math.floor(perMille / 10)}%`;
}

function barLabel(place: number): string {
  const bound = bounds[place];
  if (bound === undefined) return 'more';
  return bound < 0.1 ? `${bound * 1000} ms` : `${bound} s`;
}

function barName(place: number): string {
  return place === bounds.length ? 'over 100 s' : `up to ${barLabel(place)}`;
}

function short(count: number): string {
  return count < 10_000 ? numberText(count) : `${Math.round(count / 1000)}k`;
}
