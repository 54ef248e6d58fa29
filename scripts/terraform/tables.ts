import { betweenMarks } from '../between-marks.ts';
import type { Body, Module } from './hcl.ts';

const marks = ['<!-- terraform: begin -->', '<!-- terraform: end -->'] as const;

/**
 * Writes the inputs, outputs and resources of a module into its README, between the markers, like terraform-docs.
 *
 * @throws Error if the README has no markers.
 */
export function withTables(readme: string, module: Module): string {
  return betweenMarks(readme, marks, tablesOf(module));
}

function tablesOf({ variables, outputs, modules, resources, data }: Module): string {
  const named = (blocks: ReadonlyMap<string, Body>): [string, Body][] =>
    [...blocks].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    table(
      'Inputs',
      ['Name', 'Description', 'Type', 'Default', 'Required'],
      named(variables).map(([name, { description, type, ...rest }]) => [
        code(name),
        String(description),
        code(inOneLine(type)),
        'default' in rest ? code(literal(rest.default)) : '',
        'default' in rest ? 'no' : 'yes',
      ]),
    ),
    table(
      'Outputs',
      ['Name', 'Description'],
      named(outputs).map(([name, { description }]) => [code(name), String(description)]),
    ),
    table(
      'Modules',
      ['Name', 'Source'],
      named(modules).map(([name, { source }]) => [code(name), code(String(source))]),
    ),
    table(
      'Resources',
      ['Name', 'Type'],
      [
        ...named(resources).map(([address]) => [code(address), 'resource']),
        ...named(data).map(([address]) => [code(address), 'data source']),
      ],
    ),
  ]
    .filter((text) => text !== '')
    .join('\n\n');
}

function table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [`## ${title}`, '', line(columns), `|${'---|'.repeat(columns.length)}`, ...rows.map(line)].join(
    '\n',
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

/** Returns a type as it is in the module, without the `${}` of hcl2json. */
function inOneLine(type: unknown): string {
  return String(type)
    .replace(/^\$\{(.*)\}$/s, '$1')
    .replaceAll(/\n\s*(?=[})])/g, ' ')
    .replaceAll(/(?<=[({])\n\s*/g, ' ')
    .replaceAll(/\n\s*/g, ', ')
    .replaceAll(/\s+/g, ' ');
}

function literal(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
