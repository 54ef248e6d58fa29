import { z } from 'zod';
import type { AppCredentials } from '../../core/model/app-manifest.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { parseJson } from '../../lib/parse-json.ts';

const secretSchema = z.object({
  appId: z.coerce.number().int().positive(),
  privateKey: z.string().min(1),
  webhookSecret: z.string().min(8),
  clientId: z.string().min(1).optional(),
  clientSecret: z.string().min(20).optional(),
});

/** The App as a secret on AWS describes it: docs/github-app.md. */
export type SecretApp = Omit<AppCredentials, 'htmlUrl'>;

/** Parses the secret with the GitHub App; undefined if it does not describe one. No message of zod is passed on: it may quote the key. */
export function parseGithubSecret(text: string): SecretApp | undefined {
  const parsed = secretSchema.safeParse(parseJson(text));
  if (!parsed.success) return undefined;
  const { clientId: id, clientSecret: secret, ...app } = parsed.data;
  return omitUndefined({
    ...app,
    client: id === undefined || secret === undefined ? undefined : { id, secret },
  });
}

/** Writes it for a secret. */
export function githubSecretText({ appId, privateKey, webhookSecret, client }: SecretApp): string {
  return JSON.stringify({
    appId,
    privateKey,
    webhookSecret,
    clientId: client?.id,
    clientSecret: client?.secret,
  });
}
