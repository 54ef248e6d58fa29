import { execFile } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ServerProcess, startServer } from '../../helpers/server-process.ts';

/** Set by scripts/test-security.mjs. */
const program = process.env.SCHEMATHESIS ?? 'schemathesis';
/** The time limit of both scans together; starting the server and the scanner takes a few seconds more. */
const seconds = Math.round(Number(process.env.BERTH_SECURITY_SECONDS ?? 60) * 0.7);

/**
 * Does not check `positive_data_acceptance`, since some rules cannot be written in a schema (a cursor comes from a previous page,
 * `source_id` needs `sha`); `missing_required_header` and the checks that need two users, which
 * test/unit/http/authorization.test.ts makes for every route.
 */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
  'ignored_auth',
];

let directory: string;
let server: ServerProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-scan-'));
  // Private hosts are refused, so no scan makes Berth connect to anything on this machine.
  server = await startServer(join(directory, 'data'), {
    BERTH_ALLOW_FILE_URLS: 'false',
    BERTH_ALLOW_PRIVATE_HOSTS: 'false',
    BERTH_LOG_LEVEL: 'error',
  });
});
afterAll(() => server.stop());

/** Requests with random IDs mostly end at a 404; these settings let them reach what exists. */
function existing(names: Readonly<Record<string, string>>): string {
  const operation = (pattern: string, parameters: Readonly<Record<string, string>>) =>
    `[[operations]]\ninclude-path-regex = ${JSON.stringify(pattern)}\nparameters = { ${Object.entries(
      parameters,
    )
      .map(([name, value]) => `${JSON.stringify(name)} = ${JSON.stringify(value)}`)
      .join(', ')} }\n`;
  return [
    operation('^/workflow/\\{id\\}', { 'path.id': names.run ?? '' }),
    operation('^/projects/\\{id\\}', { 'path.id': names.project ?? '' }),
    operation('^/stacks/', { 'path.name': names.stack ?? '' }),
  ].join('\n');
}

function scan(seed: number, operations: string): Promise<{ code: number; out: string }> {
  const config = join(directory, `schemathesis-${seed}.toml`);
  const options = [
    ...[
      '--config-file',
      config,
      'run',
      `${server.url}/openapi.json`,
      '--header',
      `X-API-Key: ${server.apiKey}`,
    ],
    ...[
      '--checks',
      checks.join(','),
      '--phases',
      'examples,coverage,fuzzing',
      '--max-time',
      String(Math.ceil(seconds / 2)),
    ],
    ...[
      '--seed',
      String(seed),
      '--continue-on-failure',
      '--no-color',
      '--warnings',
      'off',
      '--request-timeout',
      '20',
    ],
  ];
  return writeFile(
    config,
    `[checks]\nnegative_data_rejection.expected-statuses = ["4xx", "5xx"]\n\n${operations}`,
  ).then(
    () =>
      new Promise((resolve) => {
        execFile(program, options, { cwd: directory, maxBuffer: 64 * 1024 * 1024 }, (error, out, err) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), out: `${out}${err}` }),
        );
      }),
  );
}

function expectClean({ code, out }: { code: number; out: string }): void {
  if (code !== 0) throw new Error(out);
  expect(out).toMatch(/Tested: +\d{2}/);
}

it('the REST API answers any request as its OpenAPI document says, and never with a 5xx', async () => {
  expectClean(await scan(1, ''));
  expect((await server.call('GET', '/healthz')).status).toBe(200);
});

it('the REST API does so too for projects, runs, and stacks that exist', async () => {
  await server.call('POST', '/projects', { name: 'scanned' });
  const { body: stack } = await server.call('POST', '/requestStack?project=scanned', {});
  const { body: run } = await server.call('POST', '/workflow/execute?project=scanned', {
    repo_url: 'https://berth.invalid/a/b.git',
    branch: 'main',
    test_command: 'true',
  });
  expectClean(
    await scan(
      2,
      existing({ project: 'scanned', run: String(run.workflow_id), stack: String(stack.stackName) }),
    ),
  );
  expect((await server.call('GET', '/healthz')).status).toBe(200);
});
