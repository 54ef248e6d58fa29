import { readFile, writeFile } from 'node:fs/promises';
import { settingsJsonSchema } from '../app/core/settings/settings-schema.ts';
import { awsEnvironmentSchema } from '../app/wiring/config/aws-config.ts';
import { environmentSchema } from '../app/wiring/config/variables.ts';
import { withAction } from './action-page.ts';
import { withHelp } from './cli-help.ts';
import { withCosts } from './costs/cost-page.ts';
import { withDecisions } from './decision-list.ts';
import { folders } from './terraform/folders.ts';
import { readModule } from './terraform/hcl.ts';
import { withTables } from './terraform/tables.ts';
import { withVariables } from './variable-table.ts';

async function rewrite(path: string, change: (page: string) => string): Promise<void> {
  await writeFile(path, change(await readFile(path, 'utf8')));
}

/** The generated parts of the documentation. CONTRIBUTING.md lists the commands that write them. */
const writers: Readonly<Record<string, () => Promise<void>>> = {
  action: () => rewrite('docs/action.md', withAction),
  cli: () => rewrite('docs/cli.md', withHelp),
  async config() {
    await rewrite('docs/configuration.md', (page) => withVariables(page, environmentSchema));
    await rewrite('docs/configuration-aws.md', (page) => withVariables(page, awsEnvironmentSchema));
  },
  cost: () => rewrite('docs/cost.md', withCosts),
  decisions: () => rewrite('docs/decisions/index.md', withDecisions),
  schema: () => writeFile('docs/berth.schema.json', settingsJsonSchema()),
  async terraform() {
    for (const folder of folders) {
      const module = await readModule(folder);
      await rewrite(`${folder}/README.md`, (readme) => withTables(readme, module));
    }
  },
};

const [, , part = ''] = process.argv;
const write = writers[part];
if (write === undefined) throw new Error(`Name one of ${Object.keys(writers).join(', ')}.`);
await write();
