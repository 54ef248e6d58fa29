import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { readModule } from '../../../../scripts/terraform/hcl.ts';

const filterSchema = z.looseObject({ pattern: z.string() });

it.each(['launches', 'dirty_stacks'])('counts %s by a message that the app logs', async (name) => {
  const { resources, locals } = await readModule('terraform/modules/app');
  const { pattern } = filterSchema.parse(resources.get('aws_cloudwatch_log_metric_filter.logged'));
  expect(pattern.replaceAll('\\"', '"')).toMatch(/\$\.msg = "\$\{each\.value\.message\}"/);
  const failures = z.string().parse(locals.get('logged_failures'));
  const message = new RegExp(`\\b${name} = {\\s+message +?= "(.*)"`).exec(failures)?.[1] ?? '';
  const sources = readdirSync('app', { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const logging = sources.filter((path) => readFileSync(`app/${path}`, 'utf8').includes(`'${message}'`));
  expect(logging).toHaveLength(1);
});
