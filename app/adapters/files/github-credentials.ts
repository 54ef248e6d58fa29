import { join } from 'node:path';
import { z } from 'zod';
import type { AppCredentials } from '../../core/model/app-manifest.ts';
import { BerthError } from '../../core/model/errors.ts';
import { readIfExists } from './read-if-exists.ts';
import { isSealed, openText, sealText } from './sealed-text.ts';
import { writeAtomically } from './write-atomically.ts';

const fileName = 'github-app.json';
const credentialsSchema = z.object({
  appId: z.number().int(),
  privateKey: z.string(),
  webhookSecret: z.string().min(8),
  htmlUrl: z.string(),
  client: z.object({ id: z.string(), secret: z.string() }).exactOptional(),
});

/** Reads the App that the setup page created; undefined if no App exists. @throws BerthError `config_invalid`. */
export async function readGithubCredentials(
  dataDir: string,
  dataKey?: string,
): Promise<AppCredentials | undefined> {
  const path = join(dataDir, fileName);
  const text = await readIfExists(path);
  if (text === undefined) return undefined;
  const parsed = credentialsSchema.safeParse(JSON.parse(openText(text, dataKey, fileName)), {
    reportInput: false,
  });
  if (parsed.success) {
    if (dataKey !== undefined && !isSealed(text)) await writeGithubCredentials(dataDir, parsed.data, dataKey);
    return parsed.data;
  }
  throw new BerthError('config_invalid', `${path} does not contain the credentials of a GitHub App.`, {
    hint: 'Set APP_ID, PRIVATE_KEY and WEBHOOK_SECRET instead, or delete the file and set the App up again.',
  });
}

/** Stores the credentials so that only the user of this process can read them. */
export async function writeGithubCredentials(
  dataDir: string,
  credentials: AppCredentials,
  dataKey?: string,
): Promise<void> {
  const text = `${JSON.stringify(credentials, null, 2)}\n`;
  await writeAtomically(join(dataDir, fileName), sealText(text, dataKey, fileName));
}
