import type { Exception } from './exceptions.ts';
import { findNames, findTexts, type Text } from './find-texts.ts';
import type { NameRule } from './name-rules.ts';
import type { Rule } from './rules.ts';

/** A banned word in a file. */
export interface Finding {
  path: string;
  line: number;
  column: number;
  found: string;
  instead: string;
}

interface Check {
  rules: readonly Rule[];
  nameRules: readonly NameRule[];
  exceptions: readonly Exception[];
}

/** Returns the banned words of a file, in the order of its lines. */
export function findWords(path: string, source: string, { rules, nameRules, exceptions }: Check): Finding[] {
  const allowed = exceptions.filter((exception) => exception.in === undefined || isIn(path, exception.in));
  const findings: Finding[] = [];
  for (const text of findTexts(path, source)) {
    const checked = allowed.reduce((rest, exception) => withoutException(rest, exception), text.text);
    for (const rule of rules) {
      for (const { index, found } of applied(rule, { ...text, text: checked })) {
        findings.push({ path, ...placeOf(source, text.start + index), found, instead: rule.instead });
      }
    }
  }
  for (const [name, start] of findNames(path, source)) {
    if (allowed.some(({ text }) => text === name)) continue;
    const broken = nameRules.find(({ pattern }) => new RegExp(pattern).test(wordsOf(name)));
    if (broken !== undefined) {
      findings.push({ path, ...placeOf(source, start), found: name, instead: broken.instead });
    }
  }
  return findings.sort((a, b) => a.line - b.line || a.column - b.column);
}

/** Returns the words of a name: `seekStack` and `seek_stack` are "seek stack". */
const wordsOf = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_$-]+/g, ' ')
    .toLowerCase();

/** Reports whether a file is a path or is below it. */
export const isIn = (path: string, folder: string): boolean =>
  folder === '.' || path === folder || path.startsWith(`${folder}/`);

function withoutException(text: string, { text: allowed }: Exception): string {
  return text.replace(asPattern(allowed.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'g'), (match) =>
    match.replace(/\S/g, ' '),
  );
}

/** Makes a regular expression in which a space matches any white space. */
function asPattern(source: string, flags: string): RegExp {
  return new RegExp(source.replaceAll(' ', '\\s+'), flags);
}

function applied(rule: Rule, text: Text): { index: number; found: string }[] {
  const flags = rule.caseSensitive === true ? 'g' : 'gi';
  if (rule.startOfDocComment !== true) {
    return [...text.text.matchAll(asPattern(rule.pattern, flags))].map((match) => ({
      index: match.index,
      found: match[0],
    }));
  }
  if (!text.isDocComment) return [];
  const indent = text.text.length - text.text.trimStart().length;
  const [match] = text.text.trimStart().matchAll(asPattern(rule.pattern, flags));
  return match === undefined ? [] : [{ index: indent, found: match[0] }];
}

function placeOf(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}
