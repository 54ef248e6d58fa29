import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { awsEnvironmentSchema } from '../../../../app/wiring/config/aws-config.ts';
import { environmentSchema as serverSchema } from '../../../../app/wiring/config/variables.ts';
import {
  expressionsIn,
  keysIn,
  type Module,
  readModule,
  referencesIn,
} from '../../../../scripts/terraform/hcl.ts';

/** Returns the keys of an object, here or in the locals that it consists of. */
async function keysOf(module: Module, value: unknown): Promise<string[]> {
  if (typeof value === 'object' && value !== null) return Object.keys(value);
  const found = expressionsIn(value).map(async (expression) => {
    const locals = (await referencesIn(expression)).filter(([kind]) => kind === 'local');
    const inherited = locals.map(([, name = '']) => keysOf(module, module.locals.get(name)));
    return [...(await keysIn(expression)), ...(await Promise.all(inherited)).flat()];
  });
  return (await Promise.all(found)).flat();
}

const environmentOf = async (folder: string, name: string): Promise<string[]> => {
  const module = await readModule(`terraform/modules/${folder}`);
  return [...new Set(await keysOf(module, module.modules.get(name)?.environment))].sort();
};

/** Lambda sets these itself. */
const setByLambda = ['AWS_REGION'];

describe.each(['http', 'queue', 'schedule'])('the function %s', (name) => {
  let set: string[];
  beforeAll(async () => {
    set = await environmentOf('app', name);
  });

  it('has every variable that the app reads on AWS, and no other', () => {
    const read = Object.keys(awsEnvironmentSchema.shape).filter((each) => !setByLambda.includes(each));
    expect(set).toEqual(read.sort());
  });
});

it('gives the function invoke only the variables that it reads', async () => {
  const [, names = ''] =
    /const \{([^}]*)\} = readEnvironment\(\)/.exec(readFileSync('app/lambda/invoke.ts', 'utf8')) ?? [];
  const read = [...names.matchAll(/\b[A-Z][A-Z_]+\b/g)].map(([variable]) => variable);
  expect(await environmentOf('batch', 'invoke')).toEqual(
    read.filter((each) => !setByLambda.includes(each)).sort(),
  );
});

it('gives the server only variables that it reads', () => {
  const text = readFileSync('terraform/modules/server/main.tf', 'utf8');
  const set = [...text.matchAll(/^ {4,6}([A-Z][A-Z_]+) += /gm)].map(([, name = '']) => name);
  expect(set).toContain('ECS_CLUSTER_NAME');
  expect(set.filter((name) => !(name in serverSchema.shape))).toEqual([]);
});
