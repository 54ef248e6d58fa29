import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { whyNotBranchName } from '../../../app/core/model/branch-name.ts';
import { anyCharacter, anyUrl } from '../../helpers/any-character.ts';
import { cases } from '../../helpers/cases.ts';
import { aRequest, httpWorld } from './http-world.ts';

/** Names that mean something to some route, so that hostile values reach what reads them. */
const fields = [
  ...[
    'repo_url',
    'branch',
    'test_command',
    'sha',
    'suite',
    'stack',
    'holder',
    'env',
    'setup',
    'cpu',
    'memory',
  ],
  ...['timeout_seconds', 'image', 'junit', 'artifacts', 'retries', 'run_id', 'idempotency_key'],
  ...['wait', 'leaseSeconds', 'stackName', 'lastDeployedCommit', 'lockToken'],
  ...['name', 'settings', 'scope', 'allProjects', '__proto__', 'constructor', 'toString'],
];

const text = fc.oneof(
  fc.string({ unit: anyCharacter }),
  fc.constantFrom(
    'main',
    '--upload-pack=x',
    '../..',
    '\0',
    '\ud800',
    '$(id)',
    "'; DROP TABLE",
    'test-1',
    '__proto__',
  ),
  anyUrl,
  fc.constantFrom(aRequest.repo_url, 'file:///etc/passwd', 'ext::sh -c id', 'git@host:x', 'https://[::1]/x'),
);
const value = fc.oneof(
  text,
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom(0, -1, 1.5, 1e308, true, null, [], {}),
  fc.dictionary(text, text, { maxKeys: 3 }),
);
const body = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 6 }) },
  {
    weight: 3,
    arbitrary: fc
      .dictionary(fc.constantFrom(...fields), value, { maxKeys: 3 })
      .map((change) => ({ ...aRequest, ...change })),
  },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const segment = text.map((part) => encodeURIComponent(Buffer.from(part.slice(0, 50)).toString()));

const w = httpWorld();
const api = await w.shop();
const { body: document } = await api.client.get('/openapi.json');
const operations = Object.entries<object>(document.paths).flatMap(([path, item]) =>
  Object.keys(item).map((method) => ({ path, method: method.toUpperCase() })),
);

/** An answer that a client can act on: not a server error, and an error has a code and a text. */
async function expectClearAnswer(answer: Response): Promise<void> {
  const content = await answer.text();
  expect({ status: answer.status < 500, content }).toEqual({ status: true, content });
  if (answer.status < 400) return;
  expect(JSON.parse(content)).toMatchObject({
    code: expect.stringMatching(/^[a-z_]+$/),
    message: expect.stringMatching(/./),
  });
}

describe('any route', () => {
  it('has a clear response for any JSON body', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...operations), body, async ({ path, method }, sent) => {
        const { client } = await httpWorld().shop({ maxActiveRuns: 3, maxStacks: 2 });
        await expectClearAnswer(
          await client.raw(path.replace(/\{\w+\}/g, 'demo'), {
            method,
            ...(method === 'GET' ? {} : { body: JSON.stringify(sent) }),
          }),
        );
      }),
      { numRuns: cases(80) },
    );
  });

  it('has a clear response for any bytes as a body', async () => {
    const writing = operations.filter(({ method }) => method !== 'GET');
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...writing),
        fc.uint8Array({ maxLength: 200 }),
        async ({ path, method }, bytes) => {
          const { client } = await httpWorld().shop();
          await expectClearAnswer(
            await client.raw(path.replace(/\{\w+\}/g, 'demo'), { method, body: Buffer.from(bytes) }),
          );
        },
      ),
      { numRuns: cases(20) },
    );
  });

  it('has a clear response for any path and query', async () => {
    const names = fc.constantFrom(
      'limit',
      'cursor',
      'state',
      'branch',
      'text',
      'project',
      'sha',
      '__proto__',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations.filter(({ method }) => method === 'GET')),
        segment,
        fc.array(fc.tuple(names, segment), { maxLength: 4 }),
        async ({ path }, part, query) => {
          const search = query.map(([name, given]) => `${name}=${given}`).join('&');
          const url = `${path.replace(/\{\w+\}/g, part)}?${search}`;
          const answer = await api.client.raw(url);
          await expectClearAnswer(answer);
        },
      ),
      { numRuns: cases(60) },
    );
  });
});

describe('any branch name', () => {
  it('is rejected, or reaches the container unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (branch) => {
        const world = httpWorld();
        const { client } = await world.shop();
        const { status, body: answer } = await client.post('/workflow/execute', { ...aRequest, branch });
        const valid = whyNotBranchName(branch) === undefined;
        expect({ branch, status }).toEqual({ branch, status: valid ? 202 : 400 });
        if (!valid) expect(answer.code).toMatch(/^(branch_invalid|invalid_request)$/);
        expect(world.tasks.launched.map(({ env }) => env.BRANCH)).toEqual(valid ? [branch] : []);
      }),
      { numRuns: cases(40) },
    );
  });
});

describe('any command', () => {
  it('reaches the container unchanged, or is rejected for characters that no command line allows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: anyCharacter, minLength: 1 }), async (test_command) => {
        const world = httpWorld();
        const { client } = await world.shop();
        const { status } = await client.post('/workflow/execute', { ...aRequest, test_command });
        const plain = !/\0|\p{Surrogate}/u.test(test_command);
        expect({ test_command, status }).toEqual({ test_command, status: plain ? 202 : 400 });
        expect(world.tasks.launched.map(({ env }) => env.TEST_COMMAND)).toEqual(plain ? [test_command] : []);
      }),
      { numRuns: cases(40) },
    );
  });
});
