/** Paths on a 16×16 grid, drawn with the current color. Inline, so that no font has to have a glyph. */
const paths = {
  check: ['circle', 'M4.8 8.3 7 10.5l4.2-4.7'],
  cross: ['circle', 'm5.5 5.5 5 5m0-5-5 5'],
  warning: ['none', 'M8 1.8 15 14H1L8 1.8ZM8 6.2v3.4M8 11.8v.2'],
  timeout: [
    'none',
    'M4 1.5h8M4 14.5h8M5 1.5c0 3.5 6 4.5 6 6.5s-6 3-6 6.5M11 1.5c0 3.5-6 4.5-6 6.5s6 3 6 6.5',
  ],
  slash: ['circle', 'm3.5 12.5 9-9'],
  skip: ['none', 'm3 3.5 5 4.5-5 4.5v-9ZM9 3.5l4.5 4.5L9 12.5'],
  clock: ['circle', 'M8 4.3V8l2.4 1.6'],
  spinner: ['ring', 'M14.5 8A6.5 6.5 0 0 0 8 1.5'],
  arc: ['ring', 'M8 1.5a6.5 6.5 0 0 1 0 13'],
  'circle-dashed': ['dashed', ''],
  lock: ['none', 'M3.5 7.2h9v6.3h-9zM5.2 7V5a2.8 2.8 0 0 1 5.6 0v2'],
  branch: ['none', 'M5 3.5v9M11 4.5v1c0 2-6 1.5-6 4M5 3.5h.01M5 12.5h.01M11 4.5h.01'],
  chevron: ['none', 'm6 4 4 4-4 4'],
  up: ['none', 'm4 10 4-4 4 4'],
  down: ['none', 'm4 6 4 4 4-4'],
} as const;

export type IconName = keyof typeof paths;

/** A decorative icon: the text next to it says the same. */
export function Icon({ name }: { name: IconName }) {
  const [frame, path] = paths[name];
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      {frame !== 'none' && <circle class={frame} cx="8" cy="8" r="6.5" />}
      {path !== '' && <path d={path} />}
    </svg>
  );
}
