import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { BerthError } from '../../core/model/errors.ts';
import { isActive, type Run } from '../../core/model/run.ts';
import { reportKey, runObjectKey } from '../../core/model/run-keys.ts';
import { testCasesSchema } from '../../core/model/test-results.ts';
import type { StoredObject } from '../../ports/objects.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { artifactPath } from '../artifacts/serve-artifact.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import type { HttpEnv } from '../http-env.ts';
import { readArchiveEntry } from '../read-archive-entry.ts';
import { artifactSchema } from '../schemas/workflow.ts';
import { attachment, untrustedHeaders } from '../untrusted-content.ts';
import { artifactViews, encodedPath, workflowUrl } from '../views/workflow-view.ts';
import { workflowId, workflowRead } from './route-kinds.ts';

const shared = { ...workflowRead, errors: ['run_not_found', 'object_not_found'] } as const;

/** Routes for the report, the test cases and the artifacts of a run. */
export function addWorkflowFileRoutes(api: Api): void {
  addReport(api);
  addTests(api);
  addArtifacts(api);
  addView(api);
}

function addReport(api: Api): void {
  addEndpoint(
    api,
    {
      ...shared,
      id: 'getWorkflowReport',
      path: '/workflow/{id}/report',
      summary: 'The report, one self-contained HTML page',
      responses: fileAnswer('The report.', 'text/html'),
    },
    async (c, { target: { run } }) => {
      const key = reportKey(run.id);
      const report = await objectOf(api, run, key, 'report');
      return answerObject(c, api, { key, ...report }, 'text/html; charset=utf-8');
    },
  );
}

function addTests(api: Api): void {
  addEndpoint(
    api,
    {
      ...shared,
      id: 'getWorkflowTests',
      path: '/workflow/{id}/tests',
      summary: 'Every test case, with its outcome and duration',
      responses: jsonAnswer(
        200,
        'The test cases, as the runner wrote them.',
        z.object(testCasesSchema.shape).openapi('TestCases'),
      ),
    },
    async (c, { target: { run } }) => {
      const key = runObjectKey(run.id, 'tests.json');
      const tests = await objectOf(api, run, key, 'test cases');
      return answerObject(c, api, { key, ...tests }, 'application/json');
    },
  );
}

function addArtifacts(api: Api): void {
  const archiveKey = (run: Run) => runObjectKey(run.id, 'artifacts.tar.gz');
  const archiveOf = (run: Run) => objectOf(api, run, archiveKey(run), 'artifacts');
  addEndpoint(
    api,
    {
      ...shared,
      id: 'listArtifacts',
      path: '/workflow/{id}/artifacts',
      summary: 'List the files that were kept',
      responses: jsonAnswer(
        200,
        'The files, and the address of an archive of all of them.',
        z
          .object({ artifacts: z.array(artifactSchema), archive_url: z.url().nullable() })
          .openapi('ArtifactList'),
      ),
    },
    (c, { target: { run } }) => {
      const artifacts = artifactViews(api.deps, run);
      const archive_url = artifacts.length === 0 ? null : workflowUrl(api.deps, run, '/artifacts.tar.gz');
      return c.json({ artifacts, archive_url });
    },
  );
  addEndpoint(
    api,
    {
      ...shared,
      id: 'downloadArtifacts',
      path: '/workflow/{id}/artifacts.tar.gz',
      summary: 'Download all files that were kept',
      responses: fileAnswer('The archive.', 'application/gzip'),
    },
    async (c, { target: { run } }) => {
      const archive = { key: archiveKey(run), ...(await archiveOf(run)) };
      return answerObject(c, api, archive, 'application/gzip', `${run.id}-artifacts.tar.gz`);
    },
  );
  addEndpoint(
    api,
    {
      ...shared,
      id: 'downloadArtifact',
      path: '/workflow/{id}/artifacts/{path+}',
      summary: 'Download one of the files',
      params: workflowId.extend({ path: z.string().max(4096).openapi({ example: 'logs/server.log' }) }),
      errors: ['invalid_request', 'run_not_found', 'object_not_found', 'file_too_large'],
      responses: fileAnswer('The file.', 'application/octet-stream'),
    },
    async (c, { target: { run }, params: { path } }) => {
      const entry = await readArchiveEntry((await archiveOf(run)).body, path);
      if (entry === undefined) throw noObject(run, `artifact ${JSON.stringify(path.slice(0, 200))}`);
      if (!fitsAnswer(api, entry)) {
        void entry.body.cancel();
        throw tooLarge(api, run, entry);
      }
      return answerFile(c, entry, 'application/octet-stream', path.split('/').at(-1));
    },
  );
}

/** Opens a file in the browser, at an origin that cannot touch the session. */
function addView(api: Api): void {
  addEndpoint(
    api,
    {
      ...shared,
      id: 'viewArtifact',
      path: '/workflow/{id}/view/{path+}',
      summary: 'Open an artifact in the browser',
      description:
        'Redirects to the artifact origin, where relative links of HTML reports work; to the download if the server has no such origin.',
      params: workflowId.extend({ path: z.string().max(4096).openapi({ example: 'report/index.html' }) }),
      errors: ['invalid_request', 'run_not_found'],
      responses: { 302: { description: 'Where the file opens.' } },
    },
    (c, { target: { run }, params: { path } }) => {
      const { artifacts, publicUrl } = api.deps;
      const host = c.req.header('host') ?? new URL(publicUrl).host;
      const origin = artifacts?.origin.originFor(host);
      return artifacts === undefined || origin === undefined
        ? c.redirect(workflowUrl(api.deps, run, `/artifacts/${encodedPath(path)}`), 302)
        : c.redirect(`${origin}${artifactPath(artifacts.tokens, run, path)}`, 302);
    },
  );
}

async function objectOf(api: Api, run: Run, key: string, what: string): Promise<StoredObject> {
  const object = await api.deps.objects.get(key);
  if (object === undefined) throw noObject(run, what);
  return object;
}

function noObject(run: Run, what: string): BerthError {
  return new BerthError('object_not_found', `The workflow has no ${what}${isActive(run) ? ' yet' : ''}.`, {
    hint: isActive(run) ? 'Wait until it ends.' : 'GET /workflow/{id} lists its files and warnings.',
  });
}

/** Long enough to follow a link. */
const linkSeconds = 300;

/** Sends an object, or redirects to the bucket with a short-lived URL if it is too large for a response. */
async function answerObject(
  c: Context<HttpEnv>,
  api: Api,
  object: StoredObject & { readonly key: string },
  contentType: string,
  saveAs?: string,
): Promise<Response> {
  if (fitsAnswer(api, object)) return answerFile(c, object, contentType, saveAs);
  void object.body.cancel();
  const url = await api.deps.objects.grant({ key: object.key, method: 'GET', ttlSeconds: linkSeconds });
  return c.redirect(url, 302);
}

function fitsAnswer(api: Api, { sizeBytes }: Pick<StoredObject, 'sizeBytes'>): boolean {
  return sizeBytes <= (api.deps.limits.wholeAnswers?.maxBytes ?? Number.POSITIVE_INFINITY);
}

/** The file is inside an archive, so there is no URL to redirect to, and unpacked it may not fit into a function. */
function tooLarge(api: Api, run: Run, { sizeBytes }: Pick<StoredObject, 'sizeBytes'>): BerthError {
  const megabytes = Math.ceil(sizeBytes / 1e6);
  return new BerthError(
    'file_too_large',
    `The artifact has ${megabytes} MB, which is more than a response may have.`,
    {
      hint: `Download all artifacts, ${workflowUrl(api.deps, run, '/artifacts.tar.gz')}, and unpack it from there.`,
    },
  );
}

/** Berth decides the content type, never what the tests stored. */
function answerFile(
  c: Context<HttpEnv>,
  file: Pick<StoredObject, 'body' | 'sizeBytes'>,
  contentType: string,
  saveAs?: string,
): Response {
  return c.body(bodyFor(c, file), 200, {
    ...untrustedHeaders,
    'Content-Type': contentType,
    'Content-Length': String(file.sizeBytes),
    ...(saveAs === undefined ? {} : { 'Content-Disposition': attachment(saveAs) }),
  });
}

/** Closes the body of a response to HEAD: no one reads it, and its source would stay open. */
function bodyFor(c: Context<HttpEnv>, { body }: Pick<StoredObject, 'body'>): StoredObject['body'] {
  if (c.req.method !== 'HEAD') return body;
  void body.cancel();
  return new ReadableStream();
}

function fileAnswer(description: string, contentType: string) {
  const schema = z.string().openapi({ type: 'string', format: 'binary' });
  return { 200: { description, content: { [contentType]: { schema } } } };
}
