import { readdirSync, readFileSync } from 'node:fs';

const head = '| number | decision |\n|---|---|\n';

/** Replaces the list of decisions in a page with the files of docs/decisions. */
export function withDecisions(page: string): string {
  return page.replace(/\| number \| decision \|\n[\s\S]*$/, () => head + decisionRows().join(''));
}

function decisionRows(): string[] {
  const names = readdirSync('docs/decisions').filter((name) => /^\d/.test(name));
  return names.sort().map((name) => {
    const [, number = '', title = ''] =
      /^# (\d+)\. (.*)$/m.exec(readFileSync(`docs/decisions/${name}`, 'utf8')) ?? [];
    return `| ${number} | [${title}](${name}) |\n`;
  });
}
