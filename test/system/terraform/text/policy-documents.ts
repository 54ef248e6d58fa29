import { join } from 'node:path';
import { z } from 'zod';
import {
  type Body,
  expressionsIn,
  literalsIn,
  type Module,
  readModule,
  referencesIn,
} from '../../../../scripts/terraform/hcl.ts';

const texts = z.union([z.array(z.string()), z.string()]).optional();
const statementSchema = z.looseObject({
  sid: z.string().optional(),
  effect: z.string().default('Allow'),
  actions: texts,
  resources: texts,
  principals: z.array(z.unknown()).default([]),
  condition: z.array(z.looseObject({ test: z.string(), variable: z.string(), values: texts })).default([]),
});

export interface Statement {
  readonly sid: string;
  readonly allows: boolean;
  readonly actions: readonly string[];
  /** Expressions, or literal texts. */
  readonly resources: readonly string[];
  /** Whether the policy belongs to a resource: it has principals, and its `*` is the resource. */
  readonly ofResource: boolean;
  readonly conditions: readonly { readonly variable: string; readonly values: readonly string[] }[];
}

/** Returns the statements of a document itself, including those of `dynamic` blocks. */
export async function ownStatements(document: Body): Promise<Statement[]> {
  const dynamic = z
    .object({ statement: z.array(z.object({ content: z.array(z.unknown()) })).default([]) })
    .default({ statement: [] })
    .parse(document.dynamic);
  const all = [
    ...z.array(z.unknown()).default([]).parse(document.statement),
    ...dynamic.statement.flatMap(({ content }) => content),
  ];
  return Promise.all(
    all.map(async (each) => {
      const statement = statementSchema.parse(each);
      return {
        sid: statement.sid ?? '',
        allows: statement.effect === 'Allow',
        actions: await textsOf(statement.actions),
        resources: [statement.resources ?? []].flat(),
        ofResource: statement.principals.length > 0,
        conditions: await Promise.all(
          statement.condition.map(async ({ variable, values }) => ({
            variable,
            values: await textsOf(values),
          })),
        ),
      };
    }),
  );
}

/** Returns the statements of a document and of its source documents. */
export async function statementsOf(module: Module, address: string): Promise<Statement[]> {
  const document = module.data.get(address);
  if (document === undefined) throw new Error(`${module.folder} has no data.${address}`);
  const inherited = await statementsIn(module, document.source_policy_documents);
  return [...(await ownStatements(document)), ...inherited];
}

/** Returns the statements of the documents that a value refers to, also through locals and outputs of modules. */
export async function statementsIn(module: Module, value: unknown): Promise<Statement[]> {
  const references = (await Promise.all(expressionsIn(value).map(referencesIn))).flat();
  const found = references.map(async ([kind, second = '', third = '']) => {
    if (kind === 'data' && second === 'aws_iam_policy_document')
      return statementsOf(module, `${second}.${third}`);
    if (kind === 'local') return statementsIn(module, module.locals.get(second));
    if (kind !== 'module') return [];
    const called = await readModule(join(module.folder, String(module.modules.get(second)?.source)));
    return statementsIn(called, called.outputs.get(third)?.value);
  });
  return (await Promise.all(found)).flat();
}

async function textsOf(value: z.output<typeof texts>): Promise<string[]> {
  const given = await Promise.all(
    [value ?? []].flat().map((text) => (text.includes('${') ? literalsIn(text) : [text])),
  );
  return given.flat();
}
