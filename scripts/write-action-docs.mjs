import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

/**
 * Writes the inputs and outputs of action.yml into docs/action.md, between its markers: `npm run docs:action`. With
 * `--check`, fails if the page differs.
 */
const page = 'docs/action.md';
const action = parse(readFileSync('action.yml', 'utf8'));

/** A step with every input below its description, to copy and shorten. */
function usage() {
  const inputs = Object.entries(action.inputs).map(([name, { description, default: value }]) => {
    const comments = wrap(description, 90).map((line) => `    # ${line}`);
    return [...comments, `    ${name}: ${yamlText(value)}`.trimEnd()].join('\n');
  });
  return ['```yaml', '- uses: berth/berth@v1', '  with:', inputs.join('\n\n'), '```'].join('\n');
}

function outputs() {
  const rows = Object.entries(action.outputs).map(
    ([name, { description }]) => `| \`${name}\` | ${oneLine(description)} |`,
  );
  return ['| output | meaning |', '|---|---|', ...rows].join('\n');
}

function yamlText(value) {
  if (value === undefined || value === '') return "''";
  return /^(true|false|[\d.]+)$/.test(value) ? `'${value}'` : value;
}

function oneLine(text) {
  return text.replace(/\s+/g, ' ').trim();
}

function wrap(text, width) {
  const lines = [''];
  for (const word of oneLine(text).split(' ')) {
    const last = lines.at(-1);
    if (last !== '' && last.length + word.length >= width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

function replaced(text, name, content) {
  const [begin, end] = [`<!-- ${name} of action.yml -->`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to === -1) throw new Error(`${page} has no ${begin} … ${end}`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}

const before = readFileSync(page, 'utf8');
const after = replaced(replaced(before, 'inputs', usage()), 'outputs', outputs());
if (!process.argv.includes('--check')) writeFileSync(page, after);
else if (before !== after) {
  console.error(`${page} is out of date. Run "npm run docs:action" and commit the result.`);
  process.exitCode = 1;
}
