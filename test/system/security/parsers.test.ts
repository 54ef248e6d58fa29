import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Header } from 'tar';
import { signGrant, verifyGrant } from '../../../app/adapters/files/signed-grant.ts';
import { signedRenewals } from '../../../app/adapters/files/signed-renewals.ts';
import { BerthError } from '../../../app/core/model/errors.ts';
import { runId } from '../../../app/core/model/ids.ts';
import { testCaseSchema } from '../../../app/core/model/test-results.ts';
import { readSettings } from '../../../app/core/settings/settings.ts';
import { whySkipped } from '../../../app/core/settings/suite-match.ts';
import { parseComment } from '../../../app/github/comments/comment-command.ts';
import { sessionTokens } from '../../../app/http/auth/session-token.ts';
import { readArchiveEntry } from '../../../app/http/read-archive-entry.ts';
import { compileGlobs, GlobError } from '../../../app/lib/glob.ts';
import { readResultFile } from '../../../runner-image/src/results/read-result-file.ts';
import { createXmlReader } from '../../../runner-image/src/results/xml/xml-reader.ts';
import { anyCharacter } from '../../helpers/any-character.ts';

/** Set by scripts/test-security.mjs. */
const seconds = Number(process.env.BERTH_SECURITY_SECONDS ?? 60);
const fuzzers = 8;
const budget = {
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: (seconds * 1000) / fuzzers,
  markInterruptAsFailure: false,
};
/** A single input that takes longer keeps the server from its other work; real ones take a thousandth of it. */
const longestMs = 2_000;

function promptly<Result>(work: () => Result): Result {
  const begun = performance.now();
  const result = work();
  expect(performance.now() - begun).toBeLessThan(longestMs);
  return result;
}

const hostilePiece = fc.constantFrom(
  '*',
  '**',
  '**/',
  'a',
  '{',
  '}',
  ',',
  '[',
  ']',
  '!',
  '\\',
  '/',
  '?',
  '-',
  'b',
);
const hostileGlob = fc.array(hostilePiece, { minLength: 1, maxLength: 300 }).map((parts) => parts.join(''));
const yamlPiece = fc.constantFrom(
  ...[
    'suites:\n',
    '  unit:\n',
    '    command: ',
    'x\n',
    '    branches: ',
    "['*a*b']",
    '&a ',
    '*a',
    '<<: ',
    '{',
    '}',
    '[',
    ']',
  ],
  ...[
    '"',
    "'",
    '\t',
    '\n',
    '- ',
    ': ',
    '? ',
    '!!binary ',
    '!!set ',
    '__proto__: ',
    '|\n',
    '>\n',
    '%TAG ',
    '---\n',
    '#',
    '1e999',
    '.nan',
    '~',
  ],
);
const yamlText = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 2_000 }),
  fc.array(yamlPiece, { maxLength: 200 }).map((parts) => parts.join('')),
);
const commentPiece = fc.oneof(
  fc.constantFrom(
    '/retest',
    '/ok-to-test',
    '/cancel',
    '/release',
    ' ',
    '\n',
    '\r\n',
    '```',
    '`',
    '>',
    '<!--',
    '-->',
    ...['failed', '/constructor', '/__proto__', '/toString'],
  ),
  fc.string({ unit: anyCharacter, maxLength: 20 }),
);
const commandKinds = ['retest', 'cancel', 'release', 'stack', 'help', 'ok-to-test', 'mistyped'];

const tag = fc.constantFrom(
  ...[
    'testsuites',
    'testsuite',
    'testcase',
    'failure',
    'error',
    'skipped',
    'system-out',
    'properties',
    'property',
  ],
  ...[
    'TestRun',
    'UnitTestResult',
    'test-run',
    'test-case',
    'assemblies',
    'test',
    'constructor',
    '__proto__',
    'x:a',
  ],
);
const attribute = fc.tuple(
  fc.constantFrom(
    'name',
    'classname',
    'time',
    'tests',
    'result',
    'outcome',
    'file',
    'line',
    '__proto__',
    'toString',
  ),
  fc.oneof(
    fc.constantFrom(
      'passed',
      'constructor',
      '1e999',
      '-1',
      '&amp;',
      '&#x0;',
      '../../etc/passwd',
      'a"b',
      '<',
      '\u0000',
    ),
    fc.string({ unit: anyCharacter, maxLength: 20 }),
  ),
);
const xmlPiece = fc.oneof(
  fc
    .tuple(tag, fc.array(attribute, { maxLength: 4 }), fc.constantFrom('>', '/>', ''))
    .map(
      ([name, attributes, end]) =>
        `<${name} ${attributes.map(([key, value]) => `${key}="${value}"`).join(' ')}${end}`,
    ),
  tag.map((name) => `</${name}>`),
  fc.constantFrom(
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<!DOCTYPE a [<!ENTITY b "bb">]>',
    '&b;',
    '&#xd800;',
    '<?xml version="1.0" encoding="utf-16"?>',
  ),
  fc.string({ unit: anyCharacter, maxLength: 50 }),
);
const xmlText = fc.array(xmlPiece, { maxLength: 80 }).map((parts) => parts.join(''));
const otherResults = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          'TAP version 13\n',
          '1..2\n',
          'ok 1 - a\n',
          'not ok 2\n',
          '  ---\n',
          '  ...\n',
          '# Subtest: b\n',
          'Bail out!\n',
          '    ',
        ],
        ...[
          '{"Action":"run","Test":"a"}\n',
          '{"Action":"constructor","Test":"__proto__"}\n',
          '{"type":"test","event":"ok"}\n',
          '{',
          '[]',
          'null',
        ],
        ...[
          '{"stats":{},"tests":[',
          '{"testResults":[{',
          '"numTotalTests":-1',
          '"__proto__":{"a":1}',
          ']}',
          ',',
        ],
      ),
      { minLength: 1, maxLength: 60 },
    )
    .map((parts) => parts.join('')),
);

/** The test cases that the server accepts, whatever a file says. */
function expectCases(cases: readonly unknown[]): void {
  for (const one of cases) expect(testCaseSchema.safeParse(one)).toMatchObject({ success: true });
}

describe('the parsers, fed with what no one writes', () => {
  it('berth.yml is read or has mistakes with lines, and its patterns are matched promptly', () => {
    fc.assert(
      fc.property(yamlText, (text) => {
        const reading = promptly(() => readSettings(text));
        if (reading.ok) return;
        expect(reading.mistakes.length).toBeGreaterThan(0);
        for (const { line } of reading.mistakes) expect(line).toBeGreaterThan(0);
      }),
      budget,
    );
  });

  it('globs are refused or matched promptly', () => {
    const branch = fc
      .array(fc.constantFrom('a', 'b', '/', '-'), { maxLength: 250 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.array(hostileGlob, { minLength: 1, maxLength: 10 }),
        branch,
        (branches, targetBranch) => {
          try {
            compileGlobs(branches);
          } catch (error) {
            expect(error).toBeInstanceOf(GlobError);
            return;
          }
          const change = { targetBranch, isDraft: false, changedFiles: [targetBranch] };
          promptly(() => whySkipped({ command: 'x', branches, paths: branches }, change));
        },
      ),
      budget,
    );
  });

  it('comments have commands or none', () => {
    const body = fc.array(commentPiece, { maxLength: 300 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(body, (text) => {
        for (const { kind } of promptly(() => parseComment(text))) expect(commandKinds).toContain(kind);
      }),
      budget,
    );
  });

  it('signed URLs open what they were signed for, and nothing after a change', () => {
    const key = Buffer.alloc(32, 7);
    const now = new Date('2026-01-01T00:00:00Z');
    const url = signGrant(
      key,
      { key: 'runs/r/result.json', method: 'PUT', ttlSeconds: 60, maxBytes: 10 },
      now,
    );
    const verify = (text: string) => {
      const { pathname: path, searchParams: query } = new URL(text, 'http://berth.test');
      return verifyGrant(key, { method: 'PUT', path, query }, now);
    };
    const original = verify(url);
    fc.assert(
      fc.property(
        fc.nat(url.length - 1),
        fc.nat(3),
        fc.string({ unit: anyCharacter, maxLength: 8 }),
        (at, removed, inserted) => {
          const changed = url.slice(0, at) + inserted + url.slice(at + removed);
          // No request arrives with what is not a URL.
          fc.pre(URL.canParse(changed, 'http://berth.test'));
          try {
            expect(promptly(() => verify(changed))).toEqual(original);
          } catch (error) {
            if (!(error instanceof BerthError)) throw error;
          }
        },
      ),
      budget,
    );
  });

  it('XML of test results is read in any pieces, and gives cases that the server accepts', () => {
    fc.assert(
      fc.property(xmlText, fc.integer({ min: 1, max: 200 }), (text, size) => {
        const cases: unknown[] = [];
        const reader = createXmlReader({ onCase: (one) => cases.push(one), mask: (one) => one });
        promptly(() => {
          for (let at = 0; at < text.length; at += size) reader.write(text.slice(at, at + size));
          reader.close();
        });
        expectCases(cases);
      }),
      budget,
    );
  });

  it('other files of test results too', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'berth-fuzz-')), 'results');
    await fc.assert(
      fc.asyncProperty(fc.oneof(otherResults, xmlText), async (text) => {
        await writeFile(file, text);
        const cases: unknown[] = [];
        const begun = performance.now();
        await readResultFile(file, { onCase: (one) => cases.push(one), mask: (one) => one });
        expect(performance.now() - begun).toBeLessThan(longestMs);
        expectCases(cases);
      }),
      budget,
    );
  });

  it('archives of artifacts give a file or a coded error', async () => {
    const whole = gzipped('a/b.txt', 'content');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.tar.length - 1), fc.uint8Array({ maxLength: 40 }), async (at, bytes) => {
        const changed = Buffer.from(whole.tar);
        Buffer.from(bytes).copy(changed, at);
        try {
          const entry = await readArchiveEntry(
            new Response(gzipSync(changed)).body as ReadableStream<Uint8Array>,
            'a/b.txt',
          );
          if (entry !== undefined) await new Response(entry.body).text().catch(() => undefined);
        } catch (error) {
          if (!(error instanceof BerthError)) throw error;
        }
      }),
      budget,
    );
  });

  it('sessions and upload renewals are accepted only unchanged', async () => {
    const key = Buffer.alloc(32, 7);
    const clock = { now: () => new Date('2026-01-01T00:00:00Z') };
    const tokens = sessionTokens(key, clock);
    const sealed = tokens.seal({ kind: 'key', keyHash: 'ab', expires: new Date('2026-01-02T00:00:00Z') });
    const renewals = signedRenewals({ baseUrl: '', secret: async () => key });
    const task = { runId: runId('r'), launch: 1 };
    const signature =
      new URL(await renewals.urlOf(task), 'http://berth.test').searchParams.get('signature') ?? '';
    await fc.assert(
      fc.asyncProperty(
        fc.nat(200),
        fc.nat(3),
        fc.string({ unit: anyCharacter, maxLength: 8 }),
        async (at, removed, inserted) => {
          const change = (text: string) =>
            text.slice(0, at % text.length) + inserted + text.slice((at % text.length) + removed);
          const opened = tokens.open(change(sealed));
          if (opened !== undefined) expect(opened).toEqual(tokens.open(sealed));
          const changed = change(signature);
          if (await renewals.allows(task, changed)) {
            expect(Buffer.from(changed, 'base64url')).toEqual(Buffer.from(signature, 'base64url'));
          }
          expect(await renewals.allows({ ...task, launch: 2 }, signature)).toBe(false);
        },
      ),
      budget,
    );
  });
});

/** A tar archive with one file. */
function gzipped(path: string, content: string): { readonly tar: Buffer } {
  const header = new Header({ path, mode: 0o644, size: content.length, type: 'File', mtime: new Date(0) });
  header.encode();
  const body = Buffer.alloc(512);
  body.write(content);
  return { tar: Buffer.concat([header.block ?? Buffer.alloc(512), body, Buffer.alloc(1024)]) };
}
