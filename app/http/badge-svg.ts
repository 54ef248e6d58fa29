import type { BranchStatus } from '../core/results/branch-status.ts';
import { cutText } from '../lib/cut-text.ts';
import { printable } from '../lib/markdown.ts';

/** White text on these has a contrast of 4.5 or more. */
const colors: Readonly<Record<BranchStatus, string>> = {
  passing: '#1a7f37',
  failing: '#cf222e',
  error: '#9a6700',
  running: '#2f4fd0',
  unknown: '#59636e',
};

const characterWidth = 6.6;
const padding = 7;

/** Draws a badge: a label, and the status in words and color. */
export function badgeSvg(label: string, status: BranchStatus): string {
  const shown = cutText(printable(label), 60);
  const left = widthOf(shown);
  const right = widthOf(status);
  const width = left + right;
  const name = escaped(`${shown}: ${status}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${name}"><title>${name}</title><clipPath id="r"><rect width="${width}" height="20" rx="3"/></clipPath><g clip-path="url(#r)"><rect width="${left}" height="20" fill="#3b424b"/><rect x="${left}" width="${right}" height="20" fill="${colors[status]}"/></g><g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle"><text x="${left / 2}" y="14" textLength="${left - 2 * padding}">${escaped(shown)}</text><text x="${left + right / 2}" y="14" textLength="${right - 2 * padding}">${status}</text></g></svg>`;
}

function widthOf(text: string): number {
  return Math.ceil([...text].length * characterWidth) + 2 * padding;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
