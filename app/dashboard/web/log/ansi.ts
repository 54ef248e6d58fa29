// biome-ignore-all lint/suspicious/noControlCharactersInRegex: terminal control sequences start with one.
import { controlSequence } from '../../../lib/log/terminal-line.ts';

/** A color: a number of the 16-color theme palette, or red, green and blue. */
export type Color = number | readonly [number, number, number];

export interface TextStyle {
  readonly foreground?: Color;
  readonly background?: Color;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly inverse?: boolean;
}

export interface Segment {
  readonly text: string;
  readonly style: TextStyle;
  /** The target of an OSC 8 hyperlink, http or https only. */
  readonly href?: string;
}

export const noStyle: TextStyle = {};

/**
 * Splits a line into styled segments (ECMA-48 SGR: 16, 256 and 24-bit colors).
 *
 * @param start the style that the line before left behind: a color lasts until it is reset.
 */
export function parseAnsi(line: string, start: TextStyle = noStyle): Segment[] {
  const segments: Segment[] = [];
  let style = start;
  let href: string | undefined;
  let from = 0;
  const add = (to: number): void => {
    const text = line.slice(from, to);
    if (text !== '') segments.push(href === undefined ? { text, style } : { text, style, href });
  };
  for (const match of line.matchAll(controlSequence)) {
    add(match.index);
    from = match.index + match[0].length;
    const [, target, parameters] = match;
    if (parameters !== undefined) style = applySgr(style, parameters);
    // OSC 8, https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda
    else if (target !== undefined) href = /^https?:\/\//i.test(target) ? target : undefined;
  }
  add(line.length);
  return segments;
}

/** Returns the style that a line leaves for the next one. */
export function styleAfter(line: string, start: TextStyle): TextStyle {
  if (!line.includes('\u001b[')) return start;
  // Most lines end with a reset: what comes before it leaves nothing.
  const reset = Math.max(line.lastIndexOf('\u001b[0m'), line.lastIndexOf('\u001b[m'));
  let style = reset < 0 ? start : noStyle;
  for (const [, , parameters] of line.slice(Math.max(0, reset)).matchAll(controlSequence)) {
    if (parameters !== undefined) style = applySgr(style, parameters);
  }
  return style;
}

const switches: Readonly<Record<number, TextStyle>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
};
const offs: Readonly<Record<number, readonly (keyof TextStyle)[]>> = {
  21: ['bold'],
  22: ['bold', 'dim'],
  23: ['italic'],
  24: ['underline'],
  27: ['inverse'],
  29: ['strike'],
  39: ['foreground'],
  49: ['background'],
};

function applySgr(before: TextStyle, parameters: string): TextStyle {
  let style = before;
  const codes = parameters.split(';').flatMap((part) => fromColons(part));
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 0) style = noStyle;
    else if (code === 38 || code === 48) {
      const { color, used } = extendedColor(codes.slice(index + 1));
      index += used;
      if (color !== undefined) {
        style = { ...style, [code === 38 ? 'foreground' : 'background']: color };
      }
    } else style = applyCode(style, code);
  }
  return style;
}

function applyCode(style: TextStyle, code: number): TextStyle {
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 40 && code <= 47) return { ...style, background: code - 40 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 90 + 8 };
  if (code >= 100 && code <= 107) return { ...style, background: code - 100 + 8 };
  const off = offs[code];
  if (off !== undefined) {
    return Object.fromEntries(Object.entries(style).filter(([name]) => !off.some((one) => one === name)));
  }
  return { ...style, ...switches[code] };
}

/** `38:2::255:0:0` (ITU T.416) says the same as `38;2;255;0;0`; `4:3` is a kind of underline. */
function fromColons(part: string): readonly number[] {
  const numbers = part.split(':').map((number) => Number(number === '' ? 0 : number));
  if (numbers.length === 1) return numbers;
  const [kind = 0, mode] = numbers;
  if (kind !== 38 && kind !== 48) return kind === 4 && mode === 0 ? [24] : [kind];
  return mode === 2 ? [kind, 2, ...numbers.slice(-3)] : numbers;
}

function extendedColor(codes: readonly number[]): { color?: Color; used: number } {
  const [mode, first = 0, second = 0, third = 0] = codes;
  if (mode === 5) {
    const color = paletteColor(first);
    return color === undefined ? { used: 2 } : { color, used: 2 };
  }
  if (mode !== 2) return { used: 0 };
  const isValid = [first, second, third].every((value) => value >= 0 && value <= 255);
  return isValid ? { color: [first, second, third], used: 4 } : { used: 4 };
}

const cubeLevels = [0, 95, 135, 175, 215, 255];

/** Maps the 256-color palette of xterm: 16 theme colors, a 6×6×6 cube, and 24 grays. */
function paletteColor(index: number): Color | undefined {
  if (!Number.isInteger(index) || index < 0 || index > 255) return undefined;
  if (index < 16) return index;
  if (index >= 232) {
    const gray = 8 + 10 * (index - 232);
    return [gray, gray, gray];
  }
  const cube = index - 16;
  const level = (place: number): number => cubeLevels[Math.floor(cube / place) % 6] ?? 0;
  return [level(36), level(6), level(1)];
}
