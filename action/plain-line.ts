/**
 * Writes a text in one line that the runner of GitHub Actions does not take for a command: `::name::` at the start of a line, and
 * `##[name]` anywhere. Summaries of runs contain messages of build tools, and with them texts of the tested code.
 *
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function plainLine(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replaceAll('##[', '## [')
    .replace(/^(\s*):(?=:)/, '$1: ');
}
