import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { timeMark } from '../../../app/lib/log/log-time.ts';
import { createLineSplitter } from '../../../runner-image/src/output/line-splitter.ts';
import { createLogTail } from '../../../runner-image/src/output/log-tail.ts';
import { createRunLog } from '../../../runner-image/src/output/run-log.ts';
import { createSecretMasker, createTextMask } from '../../../runner-image/src/output/secret-masker.ts';
import { cases } from '../../helpers/cases.ts';

/** Bytes, and a way to cut them into chunks. */
const chunked = (bytes: fc.Arbitrary<Buffer>) =>
  fc.tuple(bytes, fc.array(fc.nat({ max: 400 }), { maxLength: 30 })).map(([whole, cuts]) => {
    const places = [...new Set([0, ...cuts.filter((cut) => cut < whole.length), whole.length])].sort(
      (a, b) => a - b,
    );
    const chunks = places.slice(1).map((end, index) => whole.subarray(places[index], end));
    return { whole, chunks };
  });

const anyBytes = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
/** Text with newlines, characters of several bytes, and control characters. */
const logText = fc
  .array(fc.constantFrom('a', 'b', ' ', '\n', '\r', '\t', '\u001b[31m', 'é', '漢', '🚢', '\u0000'), {
    maxLength: 200,
  })
  .map((parts) => Buffer.from(parts.join('')));

function split(chunks: readonly Buffer[], maxLineBytes?: number): Buffer[] {
  const splitter = createLineSplitter(maxLineBytes);
  return [...chunks.flatMap((chunk) => splitter.push(chunk)), ...splitter.flush()];
}

function masked(chunks: readonly Buffer[], secrets: readonly string[]): Buffer {
  const masker = createSecretMasker(secrets);
  return Buffer.concat([...chunks.map((chunk) => masker.push(chunk)), masker.flush()]);
}

describe('splitting output into lines', () => {
  it('keeps every byte, and adds only a missing last newline', () => {
    fc.assert(
      fc.property(chunked(anyBytes), ({ whole, chunks }) => {
        const ending = whole.length > 0 && whole.at(-1) !== 0x0a ? Buffer.from('\n') : Buffer.alloc(0);
        expect(Buffer.concat(split(chunks))).toEqual(Buffer.concat([whole, ending]));
      }),
    );
  });

  it('returns the same lines for any chunks', () => {
    fc.assert(
      fc.property(chunked(logText), fc.integer({ min: 4, max: 40 }), ({ whole, chunks }, maxLineBytes) => {
        expect(Buffer.concat(split(chunks, maxLineBytes))).toEqual(
          Buffer.concat(split([whole], maxLineBytes)),
        );
      }),
    );
  });

  it('returns only whole lines', () => {
    fc.assert(
      fc.property(chunked(logText), fc.integer({ min: 4, max: 400 }), ({ chunks }, maxLineBytes) => {
        const splitter = createLineSplitter(maxLineBytes);
        for (const block of chunks.flatMap((chunk) => splitter.push(chunk))) expect(block.at(-1)).toBe(0x0a);
      }),
    );
  });

  it('splits only lines above the limit', () => {
    fc.assert(
      fc.property(chunked(logText), fc.integer({ min: 4, max: 40 }), ({ whole, chunks }, maxLineBytes) => {
        const before = whole.toString('latin1').split('\n');
        const after = Buffer.concat(split(chunks, maxLineBytes)).toString('latin1').split('\n');
        for (const line of after) expect(line.length).toBeLessThanOrEqual(maxLineBytes);
        for (const line of before.filter(({ length }) => length <= maxLineBytes))
          expect(after).toContain(line);
      }),
    );
  });

  it('splits a long line between characters', () => {
    const lines = Buffer.concat(split([Buffer.from('漢'.repeat(100))], 10))
      .toString('utf8')
      .split('\n');
    expect(lines.join('')).toBe('漢'.repeat(100));
    expect(lines[0]).toBe('漢漢漢');
  });

  it('releases an endless line piece by piece', () => {
    const splitter = createLineSplitter(1024);
    const chunk = Buffer.alloc(512, 'x');
    const pieces = Array.from({ length: 100 }, () => splitter.push(chunk)).flat();
    expect(Buffer.concat(pieces).length).toBeGreaterThan(49 * 1024);
  });
});

describe('masking secrets', () => {
  const secret = fc.stringMatching(/^[ab漢]{1,6}$/);

  it('leaves no secret in the output, for any chunks', () => {
    fc.assert(
      fc.property(
        chunked(fc.stringMatching(/^[abc漢\n]{0,120}$/).map((text) => Buffer.from(text))),
        fc.array(secret, { minLength: 1, maxLength: 4 }),
        ({ chunks }, secrets) => {
          const output = masked(chunks, secrets).toString('utf8');
          for (const value of secrets) expect(output).not.toContain(value);
        },
      ),
    );
  });

  it('returns the same output for any chunks', () => {
    fc.assert(
      fc.property(
        chunked(fc.stringMatching(/^[abc漢\n]{0,120}$/).map((text) => Buffer.from(text))),
        fc.array(secret, { maxLength: 4 }),
        ({ whole, chunks }, secrets) => {
          expect(masked(chunks, secrets)).toEqual(masked([whole], secrets));
        },
      ),
      { numRuns: cases(400) },
    );
  });

  it('leaves no end of a secret where another secret may start', () => {
    // The end of the first is held back, since the second begins so; then nothing more is known to be safe.
    const output = masked([Buffer.from('b漢'), Buffer.from('漢')], ['漢漢漢', 'b漢']);
    expect(output.toString()).toBe('***漢');
  });

  it('changes nothing without a secret', () => {
    fc.assert(
      fc.property(chunked(anyBytes), ({ whole, chunks }) => {
        expect(masked(chunks, ['a value that random bytes do not make'])).toEqual(whole);
      }),
    );
  });

  it('masks secrets that overlap as one', () => {
    expect(createTextMask(['abc', 'cde'])('x abcde y')).toBe('x *** y');
  });

  it('masks each line of a secret of several lines', () => {
    const key = '-----BEGIN KEY-----\nMIIEsecret1\nMIIEsecret2\n-----END KEY-----\n';
    expect(createTextMask([key])('> MIIEsecret2 <')).toBe('> *** <');
  });

  it('ignores an empty value', () => {
    expect(createTextMask([''])('text')).toBe('text');
  });
});

describe('the tail of a log', () => {
  it('is the last lines, in order', () => {
    const tail = createLogTail();
    for (let line = 1; line <= 1_000; line += 1) tail.push(Buffer.from(`line ${line}\n`));
    expect(tail.lines({ count: 3, maxCharacters: 100 })).toEqual(['line 998', 'line 999', 'line 1000']);
  });

  it('keeps a bounded part of an endless log, and starts with a whole line', () => {
    const tail = createLogTail(1_000);
    for (let line = 1; line <= 10_000; line += 1) tail.push(Buffer.from(`line ${line}\n`));
    const lines = tail.lines({ count: 10_000, maxCharacters: 100 });
    expect(lines.length).toBeLessThan(120);
    expect(lines[0]).toMatch(/^line \d+$/);
    expect(lines.at(-1)).toBe('line 10000');
  });

  it('truncates long lines', () => {
    const tail = createLogTail();
    tail.push(Buffer.from(`${'x'.repeat(5_000)}\n`));
    expect(tail.lines({ count: 1, maxCharacters: 10 })).toEqual([`${'x'.repeat(9)}…`]);
  });
});

describe('the forms of a secret', () => {
  const secret = 'p@ss/w"rd+é:\n0123456789';
  const encoded = (text: string) => Buffer.from(text).toString('base64');

  it.each([
    ['JSON', JSON.stringify({ password: secret })],
    ['JSON within JSON', JSON.stringify(JSON.stringify({ password: secret }))],
    ['JSON in ASCII', JSON.stringify({ a: secret }).replace('é', '\\u00e9')],
    ['a URL', `https://x/?q=${encodeURIComponent(secret)}`],
    ['a form', new URLSearchParams({ q: 'my secret pass' }).toString()],
    ['hexadecimal', Buffer.from(secret).toString('hex')],
    ['upper-case hexadecimal', Buffer.from(secret).toString('hex').toUpperCase()],
    ['base64', encoded(secret)],
    ['base64 of a longer text', encoded(`user:${secret}`)],
    ['base64 of another longer text', encoded(`ab${secret}cd`)],
    ['base64url', Buffer.from(`~~${secret}??`).toString('base64url')],
    ['one line', secret.replace('\n', ' ')],
  ])('are masked: %s', (_, text) => {
    const clean = createTextMask([secret, 'my secret pass'])(text);
    expect(clean).toContain('***');
    for (const part of ['ss/w', 'w%22rd', '012345678', encoded(secret).slice(4, 20)]) {
      expect(clean).not.toContain(part);
    }
  });

  it.each([
    ['set -x', String.raw`+ curl -u 'it'\''s<a>&"b"'`],
    ['printf %q', String.raw`it\'s\<a\>\&\"b\"`],
    ['XML', '<property value="it\'s&lt;a&gt;&amp;&quot;b&quot;"/>'],
    ['HTML', '<b>it&#39;s&lt;a&gt;&amp;&quot;b&quot;</b>'],
  ])('with quotes are masked as %s writes them', (_, text) => {
    const mask = createTextMask([`it's<a>&"b"`]);
    expect(mask(text)).not.toMatch(/s(?:\\?<|&lt;)a/);
  });

  it('of a long secret are masked in wrapped base64', () => {
    const key = 'k'.repeat(200);
    const lines = encoded(key).match(/.{1,76}/g) ?? [];
    expect(createTextMask([key])(lines.join('\n'))).toBe(lines.map(() => '***').join('\n'));
  });
});

describe('the times in a log', () => {
  it('are marked at the starts of lines, at most ten times a second, and not in its tail', async () => {
    const out = new PassThrough();
    let now = 1_900_000_000_000;
    const log = createRunLog(out, () => new Date(now));
    const write = async (text: string, afterMs: number): Promise<void> => {
      now += afterMs;
      await log.write(Buffer.from(text));
    };
    await write('one\n', 0);
    await write('two\n', 99);
    await write('10 %', 1);
    await write(' 20 %\n', 500);
    await write('three\n', 0);
    expect(out.read().toString()).toBe(
      `${timeMark(1_900_000_000_000)}one\ntwo\n${timeMark(1_900_000_000_100)}10 % 20 %\n${timeMark(1_900_000_000_600)}three\n`,
    );
    expect(log.bytes).toBe('one\ntwo\n10 % 20 %\nthree\n'.length);
    expect(log.tail.lines({ count: 9, maxCharacters: 99 })).toEqual(['one', 'two', '10 % 20 %', 'three']);
  });
});
