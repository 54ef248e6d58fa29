import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readSettings } from '../../../../app/core/settings/settings.ts';
import { neededSuites, needsMistakes } from '../../../../app/core/settings/suite-needs.ts';

const mistakesOf = (text: string) => {
  const reading = readSettings(text);
  return reading.ok ? [] : reading.mistakes.map(({ path, message }) => `${path}: ${message}`);
};
const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const needs = fc.uniqueArray(fc.constantFrom(...names));

describe('needs', () => {
  it('are one name or a list', () => {
    expect(mistakesOf('suites: { a: { command: x }, b: { command: x, needs: a } }')).toEqual([]);
    expect(mistakesOf('suites: { a: { command: x, needs: bild } }')).toEqual([
      'suites.a.needs: There is no suite `bild`.',
    ]);
    expect(mistakesOf('suites: { a: { command: x, needs: 3 } }')).toHaveLength(1);
  });

  it('names unknown suites and cycles', () => {
    expect(mistakesOf('suites: { a: { command: x, needs: [bild] } }')).toEqual([
      'suites.a.needs: There is no suite `bild`.',
    ]);
    expect(mistakesOf('suites: { a: { command: x, needs: [a] } }')).toEqual([
      'suites.a.needs: `a` cannot need itself.',
    ]);
    const cycle =
      'suites: { a: { command: x, needs: [b] }, b: { command: x, needs: [a] }, c: { command: x, needs: [a] } }';
    expect(mistakesOf(cycle)).toEqual([
      'suites.a.needs: `a` and `b` need each other, directly or through other suites.',
      'suites.b.needs: `b` and `a` need each other, directly or through other suites.',
    ]);
  });

  it('has an order exactly where it has no mistake, and then fewer needs come first', () => {
    fc.assert(
      fc.property(fc.array(needs, { minLength: 6, maxLength: 6 }), (lists) => {
        const suites = Object.fromEntries(names.map((name, at) => [name, { needs: lists[at] ?? [] }]));
        const isDone = new Set<string>();
        for (let round = 0; round < names.length; round += 1)
          for (const name of names) if (suites[name]?.needs.every((one) => isDone.has(one))) isDone.add(name);
        expect(needsMistakes(suites).length === 0).toBe(isDone.size === names.length);
        if (isDone.size < names.length) return;
        for (const name of names)
          for (const one of suites[name]?.needs ?? [])
            expect(neededSuites(suites, one).length).toBeLessThan(neededSuites(suites, name).length);
      }),
    );
  });
});
