import { z } from 'zod';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Service } from '../model/service.ts';

const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,39}$/, 'letters, digits, _, and -, not starting with a digit')
  .refine((name) => name !== 'include' && name !== 'exclude', 'include and exclude are not variables');

const valueSchema = z
  .union([z.string().max(200), z.number(), z.boolean()], {
    error: 'a value is a text of at most 200 characters, a number, or true or false',
  })
  .transform((value) => String(value));

const combinationsSchema = z.array(z.record(variableName, valueSchema)).max(50, 'at most 50 combinations');

const mostVariables = 20;
/** The maximum before exclusions. */
const mostCombinations = 256;

/** The variables of a matrix, and the combinations to add and to exclude. */
export const matrixSchema = z
  .object({
    include: combinationsSchema.optional().meta({
      description:
        'Variables to add to the combinations that they match. Without a match, a separate combination.',
    }),
    exclude: combinationsSchema
      .optional()
      .meta({ description: 'Combinations to leave out: those that have all of these values.' }),
  })
  .catchall(z.array(valueSchema).min(1, 'at least one value').max(20, 'at most 20 values'))
  .superRefine((matrix, context) => {
    const { include: _, exclude = [], ...variables } = matrix;
    if (Object.keys(variables).length > mostVariables)
      context.addIssue({ code: 'custom', message: `at most ${mostVariables} variables` });
    const unknown = exclude
      .flatMap((one) => Object.keys(one))
      .find((name) => !Object.hasOwn(variables, name));
    if (unknown !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['exclude'],
        message: `the matrix has no variable \`${unknown}\``,
      });
    const product = Object.values(variables).reduce((count, values) => count * values.length, 1);
    if (product > mostCombinations)
      context.addIssue({ code: 'custom', message: `at most ${mostCombinations} combinations` });
    for (const name of Object.keys(matrix)) {
      if (name === 'include' || name === 'exclude') continue;
      const checked = variableName.safeParse(name);
      if (!checked.success)
        context.addIssue({
          code: 'custom',
          path: [name],
          message: `the name of a variable: ${checked.error.issues[0]?.message ?? 'not valid'}`,
        });
    }
  });
export type Matrix = z.output<typeof matrixSchema>;

/** Values by variable. */
export type Combination = Readonly<Record<string, string>>;

/** Lists the combinations of a matrix, by the rules of GitHub's workflow files. */
export function combinationsOf({ include = [], exclude = [], ...variables }: Matrix): Combination[] {
  const names = Object.keys(variables);
  let combinations: Combination[] = names.length === 0 ? [] : [{}];
  // A larger matrix is a mistake, and must not use up time and memory first.
  for (const [name, values] of Object.entries(variables).slice(0, mostVariables)) {
    combinations = combinations
      .flatMap((one) => values.map((value) => ({ ...one, [name]: value })))
      .slice(0, mostCombinations);
  }
  combinations = combinations.filter((one) => !exclude.some((excluded) => isWithin(excluded, one)));
  const added: Combination[] = [];
  for (const more of include) {
    const shared = Object.fromEntries(Object.entries(more).filter(([name]) => names.includes(name)));
    const matches = combinations.filter((one) => isWithin(shared, one));
    if (matches.length === 0) added.push(more);
    else combinations = combinations.map((one) => (matches.includes(one) ? { ...one, ...more } : one));
  }
  return [...combinations, ...added];
}

function isWithin(part: Combination, whole: Combination): boolean {
  return Object.entries(part).every(([name, value]) => whole[name] === value);
}

/** The name of a combination's suite: `unit-20-postgres`. It can be typed in a comment command. */
export function combinationName(suite: string, matrix: Matrix, combination: Combination): string {
  const { include: _, exclude: __, ...variables } = matrix;
  const names = [...new Set([...Object.keys(variables), ...Object.keys(combination)])];
  // Values that `include` adds to a combination are not part of its name.
  const telling = names.filter((name) => Object.hasOwn(variables, name) && Object.hasOwn(combination, name));
  const values = (telling.length > 0 ? telling : names).map((name) => combination[name] ?? '');
  return [suite, ...values.map((value) => value.replace(/[^A-Za-z0-9._]+/g, '-').replace(/^-+|-+$/g, ''))]
    .filter((part) => part !== '')
    .join('-');
}

/** A variable in a text: `{matrix.name}`. */
export const template = /\{matrix\.([A-Za-z_][A-Za-z0-9_-]{0,39})\}/g;

/** The texts of a suite in which `{matrix.name}` is replaced by a value. */
interface Templated {
  readonly command: string;
  readonly teardown?: { readonly teardown: string } | undefined;
  readonly setup?: string | undefined;
  readonly rerun?: string | undefined;
  readonly image?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly junit?: readonly string[] | undefined;
  readonly artifacts?: readonly string[] | undefined;
  readonly services?: readonly Service[] | undefined;
  readonly 'working-directory'?: string | undefined;
}

/** Checks between the keys run before what is invalid is dropped: services with a mistake are not a list yet. */
function servicesOf({ services }: Templated): readonly Service[] {
  return Array.isArray(services) ? services : [];
}

export function usedVariables(suite: Templated): string[] {
  const texts = [
    suite.command,
    suite.teardown?.teardown,
    suite.setup,
    suite.rerun,
    suite.image,
    suite['working-directory'],
    ...Object.values(suite.env ?? {}),
    ...(suite.junit ?? []),
    ...(suite.artifacts ?? []),
    ...servicesOf(suite).flatMap(({ image, ready, command = [], env }) => [
      image,
      ready,
      ...command,
      ...Object.values(env),
    ]),
  ];
  return [
    ...new Set(texts.flatMap((text) => [...(text ?? '').matchAll(template)].map(([, name = '']) => name))),
  ];
}

/** Inserts the values of a combination into the texts of a suite, and into its environment as `BERTH_MATRIX_<NAME>`. */
export function withCombination<Suite extends Templated>(suite: Suite, combination: Combination): Suite {
  const filled = <Text extends string | undefined>(text: Text) =>
    text?.replace(template, (_, name: string) => combination[name] ?? '');
  const list = (texts: readonly string[] | undefined) => texts?.map((text) => filled(text) ?? '');
  const variables = Object.entries(combination).map(
    ([name, value]) => [`BERTH_MATRIX_${name.toUpperCase().replaceAll('-', '_')}`, value] as const,
  );
  const values = (env: Readonly<Record<string, string>> | undefined) =>
    Object.fromEntries(Object.entries(env ?? {}).map(([name, value]) => [name, filled(value) ?? '']));
  return {
    ...suite,
    ...omitUndefined({
      command: filled(suite.command),
      setup: filled(suite.setup),
      teardown: suite.teardown && { ...suite.teardown, teardown: filled(suite.teardown.teardown) },
      rerun: filled(suite.rerun),
      image: filled(suite.image),
      'working-directory': filled(suite['working-directory']),
      junit: list(suite.junit),
      artifacts: list(suite.artifacts),
      services:
        suite.services &&
        servicesOf(suite).map((service) => ({
          ...service,
          ...omitUndefined({
            image: filled(service.image),
            ready: filled(service.ready),
            command: service.command?.map((argument) => filled(argument)),
          }),
          env: values(service.env),
        })),
    }),
    env: { ...Object.fromEntries(variables), ...values(suite.env) },
  };
}
