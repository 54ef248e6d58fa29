import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { betweenMarks } from './between-marks.ts';

const described = z.record(z.string(), z.object({ description: z.string(), default: z.string().optional() }));
const action = z
  .object({ inputs: described, outputs: described })
  .parse(parse(readFileSync('action.yml', 'utf8')));

/** Returns a page with the inputs and outputs of action.yml between its marks. */
export function withAction(page: string): string {
  const marks = (name: string) => [`<!-- ${name} of action.yml -->`, `<!-- end of ${name} -->`] as const;
  return betweenMarks(betweenMarks(page, marks('inputs'), usage()), marks('outputs'), outputs());
}

/** A step with every input below its description, to copy and shorten. */
function usage(): string {
  const inputs = Object.entries(action.inputs).map(([name, { description, default: value }]) => {
    const comments = wrap(description, 90).map((line) => `    # ${line}`);
    return [...comments, `    ${name}: ${yamlText(value)}`.trimEnd()].join('\n');
  });
  return ['```yaml', '- uses: berth/berth@v1', '  with:', inputs.join('\n\n'), '```'].join('\n');
}

function outputs(): string {
  const rows = Object.entries(action.outputs).map(
    ([name, { description }]) => `| \`${name}\` | ${oneLine(description)} |`,
  );
  return ['| output | meaning |', '|---|---|', ...rows].join('\n');
}

function yamlText(value: string | undefined): string {
  if (value === undefined || value === '') return "''";
  return /^(true|false|[\d.]+)$/.test(value) ? `'${value}'` : value;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function wrap(text: string, width: number): string[] {
  const lines = [''];
  for (const word of oneLine(text).split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last !== '' && last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}
