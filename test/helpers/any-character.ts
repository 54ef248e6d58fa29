import fc from 'fast-check';

const surrogates = { first: 0xd800, count: 0x800 };

/**
 * Any character of Unicode, as `fc.string({ unit: 'binary' })` gives it. That one builds a table of a million entries
 * for each arbitrary, which takes longer than the tests.
 */
export const anyCharacter = fc.integer({ min: 0, max: 0x10ffff - surrogates.count }).map(
  (index) => String.fromCodePoint(index < surrogates.first ? index : index + surrogates.count),
  (value) => {
    if (typeof value !== 'string' || [...value].length !== 1) throw new Error('not a character');
    const code = value.codePointAt(0) ?? 0;
    return code < surrogates.first ? code : code - surrogates.count;
  },
);

/** The URLs of `fc.webUrl()`, which builds the same table. */
export const anyUrl = fc
  .tuple(
    fc.constantFrom('http', 'https'),
    fc.domain(),
    fc.array(fc.string({ unit: anyCharacter }), { maxLength: 4 }),
  )
  .map(([scheme, host, segments]) => `${scheme}://${[host, ...segments.map(encodeURIComponent)].join('/')}`);
