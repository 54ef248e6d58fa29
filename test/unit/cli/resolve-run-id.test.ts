import { describe, expect, it } from '@jest/globals';
import type { BerthApi } from '../../../app/cli/connect.ts';
import { resolveRunId } from '../../../app/cli/resolve-run-id.ts';

const ids = [
  '01J8ZQ4T9N5V7W2X3Y4Z5A6B7C',
  '01J8ZQ4T9N5V7W2X3Y4Z5A6B7D',
  '01J9AAAAAAAAAAAAAAAAAAAAAA',
  'nightly-7',
];

/** Answers as the server does: the newest first, page by page, `text` anywhere in the ID. */
function apiOf(known: readonly string[]): BerthApi {
  const runs: BerthApi['runs'] = async ({ text = '', limit = 20, cursor }) => {
    const found = known.filter((id) => id.toLowerCase().includes(text.toLowerCase()));
    const [from, to] = [Number(cursor ?? 0), Number(cursor ?? 0) + limit];
    return {
      workflows: found
        .slice(from, to)
        // Only the ID is read.
        .map(
          (workflow_id) => ({ workflow_id }) as Awaited<ReturnType<BerthApi['runs']>>['workflows'][number],
        ),
      cursor: to < found.length ? String(to) : null,
    };
  };
  return { runs } as BerthApi; // Nothing else is called.
}

describe('the run in an argument', () => {
  it.each([
    ['latest', ids[0]],
    ['LATEST', ids[0]],
    ['NIGHTLY-7', 'nightly-7'],
    ['night', 'nightly-7'],
    ['01j8zq4t9n5v7w2x3y4z5a6b7d', ids[1]],
    ['01j9', ids[2]],
    ['01J9AAAA', ids[2]],
    ['nightly-7', 'nightly-7'],
    ['unknown1', 'unknown1'],
    ['01J', '01J'],
  ])('%s is %s', async (text, id) => {
    expect(await resolveRunId(apiOf(ids), text)).toBe(id);
  });

  it('is rejected if the text matches several', async () => {
    await expect(resolveRunId(apiOf(ids), '01j8zq')).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('2 runs have an ID that starts with 01j8zq'),
    });
  });

  it('is found behind hundreds of runs that only contain the text', async () => {
    const others = Array.from({ length: 250 }, (_, index) => `load-nightly-${index}`);
    expect(await resolveRunId(apiOf([...others, 'nightly-7']), 'nightly-7')).toBe('nightly-7');
    expect(await resolveRunId(apiOf([...others, 'nightly-7']), 'NIGHT')).toBe('nightly-7');
  });

  it('reads no more pages than it needs to say that the text matches several', async () => {
    const many = Array.from({ length: 250 }, (_, index) => `nightly-${index}`);
    await expect(resolveRunId(apiOf(many), 'nightly')).rejects.toMatchObject({
      message: 'More than 5 runs have an ID that starts with nightly.',
    });
  });

  it('does not exist before the first run', async () => {
    await expect(resolveRunId(apiOf([]), 'latest')).rejects.toMatchObject({ code: 'usage' });
  });
});
