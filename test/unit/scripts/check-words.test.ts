import { describe, expect, it } from '@jest/globals';
import { exceptions } from '../../../scripts/words/exceptions.ts';
import { findWords } from '../../../scripts/words/find-words.ts';
import { nameRules } from '../../../scripts/words/name-rules.ts';
import { rules } from '../../../scripts/words/rules.ts';

const found = (path: string, source: string, allowed = exceptions) =>
  findWords(path, source, { rules, nameRules, exceptions: allowed }).map(
    (finding) => `${finding.line}:${finding.column} ${finding.found.replace(/\s+/g, ' ')}`,
  );

describe('the checker of words', () => {
  it.each([
    ['a line comment', 'a.ts', 'const a = 1; // nobody reads it', ['1:17 nobody']],
    ['a phrase that is broken between two line comments', 'a.ts', '// it goes\n// on\n', ['1:7 goes on']],
    [
      'a phrase that is broken within a doc comment',
      'a.ts',
      '/**\n * It goes\n * on.\n */\nlet a;',
      ['2:7 goes on'],
    ],
    [
      'a message',
      'a.ts',
      "throw new Error('the two mean something together alone');",
      ['1:26 mean something together', '1:50 alone'],
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the code of a template
    ['a part of a template', 'a.ts', 'const a = `${b} is told ${c}`;', ['1:17 is told']],
    ['the text of an element', 'a.tsx', 'const a = <p>Nobody</p>;', ['1:14 Nobody']],
    ['the title of a test', 'a.test.ts', "it('tells nobody', () => {});", ['1:11 nobody']],
    [
      'a name',
      'a.ts',
      'export const seekStack = (runWish: string) => seekStack(runWish);',
      ['1:14 seekStack', '1:27 runWish'],
    ],
    ['a document', 'a.md', 'Whoever may\nmerge', ['1:1 Whoever']],
    ['a cell of a table', 'a.md', '| a | Who has it |\n', ['1:7 Who has']],
    [
      'a description of Terraform',
      'a.tf',
      '  description = "Absent: one is made anew."',
      ['1:18 Absent:', '1:38 anew'],
    ],
    ['a comment of a shell script', 'a.sh', 'x=1\n# seldom\n', ['2:3 seldom']],
    ['a description of a workflow', 'a.yml', 'description: for ever\n', ['1:14 for ever']],
    ['the start of a doc comment', 'a.ts', '/** What a run is for. */\nlet a;', ['1:5 What']],
    ['British spelling', 'a.ts', '// the colour and behaviour', ['1:8 colour', '1:19 behaviour']],
    ['an abbreviation in lower case', 'a.md', 'The id of a run', ['1:5 id']],
    [
      'a condition that is a place',
      'a.ts',
      '/** @returns undefined where none is left. */',
      ['1:14 undefined where'],
    ],
    ['a condition that adds nothing', 'a.md', 'It runs, also if a test failed.', ['1:10 also if']],
    ['an addition to a condition', 'a.md', 'It ends, also after a crash.', ['1:8 , also ']],
    ['a comparison that grows', 'a.md', 'It waits ever more rarely.', ['1:10 ever more']],
    ['a noun for an action', 'a.md', 'The next look finds it.', ['1:1 The next look']],
    ['typographic quotes', 'a.md', 'Press “Raw”.', ['1:7 “', '1:11 ”']],
    ['an abbreviation that starts a sentence', 'a.yml', 'description: Id or name', ['1:14 Id ']],
    ['an old negation', 'a.md', 'It needs them no more', ['1:10 them no more']],
  ])('finds %s', (_, path, source, expected) => {
    expect(found(path, source)).toEqual(expected);
  });

  it.each([
    ['code in backquotes', 'a.ts', '// `nobody` is a user of Unix'],
    ['a string without a space, which is a value', 'a.ts', "const state = 'lapsed';"],
    ['the name of a module', 'a.ts', "import { a } from './some body/nobody a.ts';"],
    ['an address', 'a.md', 'See https://example.com/nobody and [this](nobody.md).'],
    ['a question', 'a.md', '## Access\n\nWho may read a log? Members.'],
    ['code of Terraform', 'a.tf', 'nobody = true'],
    ['an attribute of HTML', 'a.md', 'Set the `id` of <a id="x">'],
    ['a word within a word', 'a.md', 'A standalone default'],
  ])('leaves %s', (_, path, source) => {
    expect(found(path, source)).toEqual([]);
  });

  it('leaves an exception, in its folder only', () => {
    const allowed = [{ text: 'stands alone', reason: 'a test', in: 'app' }];
    expect(found('app/a.ts', '// it stands\n// alone', allowed)).toEqual([]);
    expect(found('test/a.ts', '// it stands alone', allowed)).not.toEqual([]);
  });

  it('has a reason for each exception', () => {
    expect(exceptions.filter(({ reason }) => reason.trim() === '')).toEqual([]);
  });
});
