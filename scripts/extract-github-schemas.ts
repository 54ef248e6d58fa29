import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Extracts GitHub's schemas of the request bodies that Berth sends from `@octokit/openapi` (385 MB, so not a dependency).
 * The GitHub test server validates every request with them:
 *
 *   npm install --prefix .cache/openapi --no-save @octokit/openapi@23.0.2
 *   npx esbuild scripts/extract-github-schemas.ts --platform=node --format=esm --outfile=.cache/extract.mjs
 *   node .cache/extract.mjs .cache/openapi/node_modules/@octokit/openapi
 */
const operations = [
  'post /app/installations/{installation_id}/access_tokens',
  'post /applications/{client_id}/token',
  'delete /applications/{client_id}/token',
  'post /repos/{owner}/{repo}/check-runs',
  'patch /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'post /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'patch /repos/{owner}/{repo}/issues/comments/{comment_id}',
  'post /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
  'post /repos/{owner}/{repo}/deployments',
  'post /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
];

/** Descriptions for people: 90% of the size, and not needed for validation. */
const proseKeys = new Set(['description', 'example', 'examples', 'default', 'title', 'x-github']);

function withoutProse(value: unknown, insideProperties = false): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutProse(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      // A property of a body may have the name `description` or `title`.
      .filter(([key]) => insideProperties || !proseKeys.has(key))
      .map(([key, inner]) => [key, withoutProse(inner, key === 'properties' && !insideProperties)]),
  );
}

interface Description {
  readonly paths: Record<string, Record<string, OperationDescription | undefined> | undefined>;
}
interface OperationDescription {
  readonly requestBody?: {
    readonly content?: { readonly 'application/json'?: { readonly schema?: unknown } };
  };
}

const [, , packageDirectory] = process.argv;
if (packageDirectory === undefined) throw new Error('pass the directory of @octokit/openapi');
// A published JSON document. Missing parts are reported below.
const description = JSON.parse(
  await readFile(join(packageDirectory, 'generated/api.github.com.deref.json'), 'utf8'),
) as Description;
const { version } = JSON.parse(await readFile(join(packageDirectory, 'package.json'), 'utf8')) as {
  version: string;
};

const schemas: Record<string, unknown> = {};
for (const operation of operations) {
  const [method = '', path = ''] = operation.split(' ');
  const schema = description.paths[path]?.[method]?.requestBody?.content?.['application/json']?.schema;
  if (schema === undefined) throw new Error(`${operation} is not described`);
  schemas[operation] = withoutProse(schema);
}
const target = 'test/helpers/github-stand-in/request-schemas.json';
await writeFile(target, `${JSON.stringify({ from: `@octokit/openapi ${version}`, schemas }, null, 2)}\n`);
