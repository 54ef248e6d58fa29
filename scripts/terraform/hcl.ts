import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';

/** The package's own declarations add browser types, which change the types of Node's streams. */
interface Hcl2Json {
  parse(fileName: string, text: string): Promise<unknown>;
  getExpressionAst(fileName: string, expression: string): Promise<unknown>;
}
const { parse, getExpressionAst } = createRequire(import.meta.url)('@cdktf/hcl2json') as Hcl2Json;

/** The body of a block: attributes, and nested blocks as arrays. Expressions are strings in `${}`. */
export type Body = Readonly<Record<string, unknown>>;

const bodies = z.array(z.record(z.string(), z.unknown()));
const named = z.record(z.string(), bodies).default({});
const typed = z.record(z.string(), z.record(z.string(), bodies)).default({});
const fileSchema = z.strictObject({
  terraform: bodies.default([]),
  provider: named,
  variable: named,
  locals: bodies.default([]),
  output: named,
  module: named,
  check: named,
  moved: bodies.default([]),
  resource: typed,
  data: typed,
});

/** The blocks of a module by their address: `this` of `aws_iam_role` is `aws_iam_role.this`. */
export interface Module {
  readonly folder: string;
  readonly variables: ReadonlyMap<string, Body>;
  readonly locals: ReadonlyMap<string, unknown>;
  readonly outputs: ReadonlyMap<string, Body>;
  readonly modules: ReadonlyMap<string, Body>;
  readonly checks: ReadonlyMap<string, Body>;
  readonly resources: ReadonlyMap<string, Body>;
  readonly data: ReadonlyMap<string, Body>;
  /** The `terraform` blocks. */
  readonly requirements: readonly Body[];
}

const read = new Map<string, Promise<Module>>();

/** Reads all HCL files of a folder, without its subfolders. */
export function readModule(folder: string): Promise<Module> {
  const known = read.get(folder) ?? parseFolder(folder);
  read.set(folder, known);
  return known;
}

async function parseFolder(folder: string): Promise<Module> {
  const files = await Promise.all(
    readdirSync(folder)
      .filter((name) => name.endsWith('.tf'))
      .map(async (name) => {
        const path = join(folder, name);
        return fileSchema.parse(await parse(path, readFileSync(path, 'utf8')));
      }),
  );
  return {
    folder,
    variables: byName(files.flatMap(({ variable }) => Object.entries(variable))),
    locals: new Map(files.flatMap(({ locals }) => locals.flatMap((body) => Object.entries(body)))),
    outputs: byName(files.flatMap(({ output }) => Object.entries(output))),
    modules: byName(files.flatMap(({ module }) => Object.entries(module))),
    checks: byName(files.flatMap(({ check }) => Object.entries(check))),
    resources: byName(files.flatMap(({ resource }) => byAddress(resource))),
    data: byName(files.flatMap(({ data }) => byAddress(data))),
    requirements: files.flatMap(({ terraform }) => terraform),
  };
}

function byAddress(types: Record<string, Record<string, Body[]>>): [string, Body[]][] {
  return Object.entries(types).flatMap(([type, blocks]) =>
    Object.entries(blocks).map(([name, found]): [string, Body[]] => [`${type}.${name}`, found]),
  );
}

function byName(entries: readonly (readonly [string, readonly Body[]])[]): Map<string, Body> {
  return new Map(entries.flatMap(([name, found]) => found.map((body) => [name, body] as const)));
}

const nodeSchema = z.object({
  type: z.string().optional(),
  meta: z
    .object({
      traversal: z.array(z.object({ segment: z.string() })).optional(),
      keyVar: z.string().optional(),
      valVar: z.string().optional(),
      items: z.record(z.string(), z.string()).optional(),
      value: z.string().optional(),
    })
    .optional(),
  get children() {
    return z.array(nodeSchema).nullish();
  },
});
type Node = z.output<typeof nodeSchema>;

/** Returns every expression in a value: `${…}`, or a text that contains one. */
export function expressionsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.includes('${') || value.includes('%{') ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  // The keys of an object can also be expressions.
  return Object.entries(value).flatMap(([key, inner]) => [...expressionsIn(key), ...expressionsIn(inner)]);
}

/** Returns the references of an expression as segments: `var.a[0].b` is `['var', 'a', '0', 'b']`. */
export async function referencesIn(expression: string): Promise<string[][]> {
  return referencesOf(await treeOf(expression), new Set());
}

/** Returns the literal texts of an expression, such as the elements of a list and the keys of an object. */
export async function literalsIn(expression: string): Promise<string[]> {
  return nodesOf(await treeOf(expression)).flatMap(({ type, meta }) =>
    type === 'literalValue' && meta?.value !== undefined ? [meta.value] : [],
  );
}

/** Returns the keys of all objects in an expression. */
export async function keysIn(expression: string): Promise<string[]> {
  return nodesOf(await treeOf(expression)).flatMap(({ meta }) => Object.keys(meta?.items ?? {}));
}

async function treeOf(expression: string): Promise<Node> {
  const tree = await getExpressionAst('expression.tf', quoted(expression));
  if (tree === null) throw new Error(`not an expression: ${expression}`);
  return nodeSchema.parse(tree);
}

/** hcl2json returns the inside of a text, where quotation marks are literal, as in a heredoc. */
function quoted(expression: string): string {
  return `<<TEXT\n${expression}\nTEXT\n`;
}

function nodesOf(node: Node): Node[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

function referencesOf(node: Node, bound: ReadonlySet<string>): string[][] {
  const own =
    node.type === 'scopeTraversal' ? (node.meta?.traversal ?? []).map(({ segment }) => segment) : [];
  const inner = new Set(bound);
  if (node.type === 'for')
    for (const name of [node.meta?.keyVar, node.meta?.valVar]) if (name) inner.add(name);
  const found = (node.children ?? []).flatMap((child) => referencesOf(child, inner));
  return own[0] === undefined || bound.has(own[0]) ? found : [own, ...found];
}
