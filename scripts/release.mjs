/**
 * Prepares and checks a release. CONTRIBUTING.md has the steps.
 *
 *     npm run release -- 0.2.0                 writes the version and the date into the files that name them, and commits
 *     node scripts/release.mjs check v0.2.0    fails if the tag, package.json and CHANGELOG.md disagree
 *     node scripts/release.mjs notes v0.2.0    prints the section of CHANGELOG.md
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const unreleased = '## [Unreleased]';
/** The files that name the version for users to copy. */
const mentions = ['terraform/README.md'];

const [, , command = '', given = ''] = process.argv;
try {
  if (command === 'check') check(given.replace(/^v/, ''));
  else if (command === 'notes') console.log(notesOf(given.replace(/^v/, '')));
  else prepare(command.replace(/^v/, ''));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

function prepare(version) {
  if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    throw new Error('Usage: npm run release -- VERSION, such as 0.2.0.');
  if (git('status', '--porcelain') !== '') throw new Error('Commit or stash your changes first.');
  const before = packageVersion();
  const today = new Date().toISOString().slice(0, 10);
  const changelog = readFileSync('CHANGELOG.md', 'utf8');
  if (sectionOf(changelog, unreleased) === '')
    throw new Error('CHANGELOG.md has no changes under Unreleased.');
  if (changelog.includes(`## [${version}]`))
    throw new Error(`CHANGELOG.md already has a section for ${version}.`);
  writeFileSync('CHANGELOG.md', changelog.replace(unreleased, `${unreleased}\n\n## [${version}] - ${today}`));
  execFileSync('npm', ['version', version, '--no-git-tag-version', '--ignore-scripts'], { stdio: 'ignore' });
  for (const file of mentions.filter((path) => existsSync(path))) {
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(`ref=v${before}`, `ref=v${version}`));
  }
  git('commit', '--quiet', '--all', '--message', `chore(release): ${version}`);
  console.log(
    `Committed. After review and merge, tag the commit on main: git tag v${version} && git push origin v${version}`,
  );
}

function check(version) {
  if (packageVersion() !== version)
    throw new Error(`The tag is ${version}, but package.json has ${packageVersion()}.`);
  notesOf(version);
}

function notesOf(version) {
  const notes = sectionOf(readFileSync('CHANGELOG.md', 'utf8'), `## [${version}]`);
  if (notes === '') throw new Error(`CHANGELOG.md has no changes for ${version}.`);
  return notes;
}

/** The text below a heading, up to the next heading of its level. */
function sectionOf(changelog, heading) {
  const lines = changelog.split('\n');
  const start = lines.findIndex((line) => line.startsWith(heading));
  if (start === -1) return '';
  const length = lines.slice(start + 1).findIndex((line) => line.startsWith('## '));
  return lines
    .slice(start + 1, length === -1 ? undefined : start + 1 + length)
    .join('\n')
    .trim();
}

function packageVersion() {
  return JSON.parse(readFileSync('package.json', 'utf8')).version;
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8' }).trim();
}
