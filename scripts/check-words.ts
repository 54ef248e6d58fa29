/**
 * Checks the words of comments, messages and documents, as a part of `npm run lint`.
 *
 *     npm run words                    findings in the repository; fails if there are any
 *     npm run words -- PATH…           findings below the paths
 *     npm run words -- --report        the number of findings of each folder
 *     npm run words -- --rules PATH…   the number of findings of each rule
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { exceptions } from './words/exceptions.ts';
import { type Finding, findWords, isIn } from './words/find-words.ts';
import { nameRules } from './words/name-rules.ts';
import { rules } from './words/rules.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { report: { type: 'boolean' }, rules: { type: 'boolean' } },
});
const folders = positionals.length > 0 ? positionals.map((path) => path.replace(/\/$/, '')) : ['.'];

const findings = repositoryFiles()
  .filter((path) => folders.some((folder) => isIn(path, folder)))
  .flatMap((path) => findWords(path, readFileSync(path, 'utf8'), { rules, nameRules, exceptions }));

if (values.report === true) printCounts(findings, ({ path }) => dirname(path));
else if (values.rules === true)
  printCounts(findings, ({ found }) => found.toLowerCase().replace(/\s+/g, ' '));
else {
  for (const { path, line, column, found, instead } of findings) {
    console.log(`${path}:${line}:${column} "${found.replace(/\s+/g, ' ')}": write ${instead}`);
  }
  if (findings.length > 0)
    console.log(`${findings.length} findings. The rules and their exceptions: scripts/words`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}

/** Lists the files of the repository, new ones included, without generated files, fixtures and the rules themselves. */
function repositoryFiles(): string[] {
  const isLeftOut =
    /(^|\/)dist\/|^test\/fixtures\/|^scripts\/words\/(rules|name-rules|exceptions)\.ts$|check-words\.test\.ts$/;
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' });
  return listed.split('\n').filter((path) => path !== '' && !isLeftOut.test(path) && existsSync(path));
}

function printCounts(found: readonly Finding[], keyOf: (finding: Finding) => string): void {
  const counts = new Map<string, number>();
  for (const finding of found) counts.set(keyOf(finding), (counts.get(keyOf(finding)) ?? 0) + 1);
  const sorted = [...counts].sort(([a, one], [b, other]) => other - one || a.localeCompare(b));
  for (const [key, count] of sorted) console.log(`${String(count).padStart(6)}  ${key}`);
  console.log(`${String(found.length).padStart(6)}  total`);
}
