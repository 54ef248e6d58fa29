import { describe, expect, it } from '@jest/globals';
import { linkify, sourceUrlFor } from '../../../../app/dashboard/web/log/linkify.ts';

const sourceUrl = sourceUrlFor(`https://github.com/acme/shop/commit/${'a'.repeat(40)}`);
const blob = `https://github.com/acme/shop/blob/${'a'.repeat(40)}`;
const links = (text: string) =>
  linkify(text, sourceUrl).flatMap(({ text: shown, href }) => (href ? [[shown, href]] : []));

describe('linkify', () => {
  it.each([
    ['see https://a.example/b?c=d#e.', 'https://a.example/b?c=d#e', 'https://a.example/b?c=d#e'],
    ['(http://a.example)', 'http://a.example', 'http://a.example'],
    ['at src/a.test.ts:12:5', 'src/a.test.ts:12:5', `${blob}/src/a.test.ts#L12`],
    ['./src/a.py:3: error', './src/a.py:3', `${blob}/src/a.py#L3`],
    ['  File "src/a.py", line 12, in x', 'src/a.py", line 12', `${blob}/src/a.py#L12`],
    ['src/a.ts(3,5): error TS1', 'src/a.ts(3,5)', `${blob}/src/a.ts#L3`],
    ['main.go:7: undefined', 'main.go:7', `${blob}/main.go#L7`],
  ])('finds the link in %j', (text, shown, href) => {
    expect(links(text)).toEqual([[shown, href]]);
  });

  it.each([
    'javascript:alert(1)',
    'ftp://a.example',
    '/usr/lib/node.js:12:5',
    'at 12:30:45',
    'version 1.2.3:4',
    'no file here',
  ])('finds no link in %j', (text) => {
    expect(links(text)).toEqual([]);
  });

  it('keeps the whole text', () => {
    const text = 'a https://x.example, src/b.ts:1 and c';
    expect(
      linkify(text, sourceUrl)
        .map((part) => part.text)
        .join(''),
    ).toBe(text);
  });

  it('links no file where the commit is not known', () => {
    expect(linkify('src/a.ts:1', sourceUrlFor(null))).toEqual([{ text: 'src/a.ts:1' }]);
  });
});
