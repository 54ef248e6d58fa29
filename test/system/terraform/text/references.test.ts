import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { examples, folders, modules } from '../../../../scripts/terraform/folders.ts';
import {
  type Body,
  expressionsIn,
  type Module,
  readModule,
  referencesIn,
} from '../../../../scripts/terraform/hcl.ts';

/** Names that Terraform defines, and that `validate` checks. */
const given = new Set(['each', 'count', 'self', 'path', 'terraform']);

interface Use {
  readonly kind: string;
  readonly name: string;
  readonly rest: readonly string[];
}

async function usesOf(module: Module): Promise<Use[]> {
  const { variables, locals, outputs, modules, checks, resources, data } = module;
  const everything = [variables, locals, outputs, modules, checks, resources, data].flatMap((blocks) => [
    ...blocks,
  ]);
  const uses = everything.map(async ([address, body]) => {
    // The type of a variable is another kind of expression, and `ignore_changes` contains arguments of the resource.
    const { type: _, ...said } = Object(body);
    const judged = variables.get(address) === body ? said : body;
    const found = await Promise.all(expressionsIn(withoutIgnored(judged)).map(referencesIn));
    // A variable that only its own validation reads is unused.
    const own = variables.get(address) === body ? address : undefined;
    const iterators = iteratorsIn(body);
    return found
      .flat()
      .filter(([first = '', second]) => !iterators.has(first) && !(first === 'var' && second === own))
      .map(useOf);
  });
  return (await Promise.all(uses)).flat();
}

function withoutIgnored(body: unknown): unknown {
  const lifecycles: unknown = Object(body).lifecycle;
  if (!Array.isArray(lifecycles)) return body;
  return { ...Object(body), lifecycle: lifecycles.map(({ ignore_changes: _, ...rest }) => rest) };
}

function useOf([first = '', second = '', third = '', ...rest]: readonly string[]): Use {
  if (first === 'data') return { kind: 'data', name: `${second}.${third}`, rest };
  if (['var', 'local', 'module'].includes(first) || given.has(first))
    return { kind: first, name: second, rest: [third, ...rest] };
  return { kind: 'resource', name: `${first}.${second}`, rest: [third, ...rest] };
}

/** The iterators of `dynamic` blocks: their label, or what `iterator` names. */
function iteratorsIn(value: unknown): Set<string> {
  if (typeof value !== 'object' || value === null) return new Set();
  const found = Object.entries(value).flatMap(([key, inner]) => [
    ...(key === 'dynamic' ? Object.keys(inner as object) : []),
    ...iteratorsIn(inner),
  ]);
  return new Set(found);
}

function missing(module: Module, called: ReadonlyMap<string, Module>, uses: readonly Use[]): string[] {
  const known: Record<string, ReadonlyMap<string, unknown>> = {
    var: module.variables,
    local: module.locals,
    module: module.modules,
    data: module.data,
    resource: module.resources,
  };
  return uses.flatMap(({ kind, name, rest }) => {
    if (given.has(kind)) return [];
    if (!known[kind]?.has(name)) return [`${kind}.${name}`];
    if (kind !== 'module') return [];
    const output = rest.find((segment) => segment !== '' && !/^(\d+|\*)$/.test(segment));
    const isThere = output === undefined || called.get(name)?.outputs.has(output);
    return isThere ? [] : [`module.${name}.${output}`];
  });
}

async function calledBy(module: Module): Promise<Map<string, Module>> {
  const calls = [...module.modules].map(async ([name, { source }]) => {
    const called = await readModule(join(module.folder, String(source)));
    return [name, called] as const;
  });
  return new Map(await Promise.all(calls));
}

describe.each(folders)('%s', (folder) => {
  let module: Module;
  let called: Map<string, Module>;
  let uses: Use[];
  const unused = (kind: string, declared: ReadonlyMap<string, unknown>): string[] => {
    const used = new Set(uses.filter((use) => use.kind === kind).map(({ name }) => name));
    return [...declared.keys()].filter((name) => !used.has(name));
  };

  beforeAll(async () => {
    module = await readModule(folder);
    called = await calledBy(module);
    uses = await usesOf(module);
  });

  it('has no reference to a missing name', () => {
    expect(missing(module, called, uses)).toEqual([]);
  });

  it('uses every variable, local and data source', () => {
    expect(unused('var', module.variables)).toEqual([]);
    expect(unused('local', module.locals)).toEqual([]);
    expect(unused('data', module.data)).toEqual([]);
  });

  it('has a type and a description for each variable', () => {
    const silent = [...module.variables].filter(
      ([, { type, description }]) => !type || !isSentence(description),
    );
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('has a description for each output', () => {
    const silent = [...module.outputs].filter(([, { description }]) => !isSentence(description));
    expect(silent.map(([name]) => name)).toEqual([]);
  });

  it('calls modules with every required argument, and no unknown one', () => {
    expect([...module.modules].flatMap(([name, body]) => mistakesOf(name, body, called.get(name)))).toEqual(
      [],
    );
  });

  it('requires the same provider and Terraform everywhere', () => {
    expect(module.requirements).toEqual([
      {
        required_version: '>= 1.9',
        required_providers: [{ aws: { source: 'hashicorp/aws', version: '~> 5.100' } }],
      },
    ]);
  });
});

function mistakesOf(name: string, body: Body, called: Module | undefined): string[] {
  const passed = Object.keys(body).filter(
    (key) => !/^(source|count|for_each|depends_on|providers)$/.test(key),
  );
  const declared = called?.variables ?? new Map<string, Body>();
  const unknown = passed.filter((key) => !declared.has(key)).map((key) => `${name}: ${key} is unknown`);
  const absent = [...declared]
    .filter(([key, variable]) => !('default' in variable) && !passed.includes(key))
    .map(([key]) => `${name}: ${key} is missing`);
  return [...unknown, ...absent];
}

function isSentence(description: unknown): boolean {
  return typeof description === 'string' && /^\S.*\.$/s.test(description);
}

it('has every module and example', () => {
  const names = [
    'network',
    'runner',
    'app',
    'batch',
    'github-oidc',
    'service-linked-role',
    'server',
    'storage',
  ];
  expect(modules).toEqual(expect.arrayContaining(names.map((name) => `terraform/modules/${name}`)));
  const shown = ['batch-demo', 'existing-vpc', 'minimal', 'private-network', 'server'];
  expect([...examples].sort()).toEqual(shown.map((name) => `terraform/examples/${name}`).sort());
});

it('locks the same provider for each example', () => {
  const locks = examples.map((folder) => readFileSync(`${folder}/.terraform.lock.hcl`, 'utf8'));
  expect(new Set(locks).size).toBe(1);
  expect(locks[0]).toContain('version     = "5.100.0"');
});
