import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { signGrant, verifyGrant } from '../../../app/adapters/files/signed-grant.ts';
import { BerthError } from '../../../app/core/model/errors.ts';
import { readSettings } from '../../../app/core/settings/settings.ts';
import { whySkipped } from '../../../app/core/settings/suite-match.ts';
import { parseComment } from '../../../app/github/comments/comment-command.ts';
import { compileGlobs, GlobError } from '../../../app/lib/glob.ts';

/** Seconds for each property: `npm run test:security -- --seconds 600`. */
const seconds = Number(process.env.BERTH_FUZZ_SECONDS ?? 10);
const budget = {
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: seconds * 1000,
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
  fc.string({ unit: 'binary', maxLength: 2_000 }),
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
    'failed',
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

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
      fc.property(body, (text) => void promptly(() => parseComment(text))),
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
        fc.string({ unit: 'binary', maxLength: 8 }),
        (at, removed, inserted) => {
          const changed = url.slice(0, at) + inserted + url.slice(at + removed);
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
});
