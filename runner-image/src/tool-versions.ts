import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { processTagVariable } from './process/process-group.ts';

export interface ToolVersions {
  /** @returns the versions found so far, as names and first lines of output. Does not wait. */
  found(): [string, string][];
  /** Stops the queries. */
  stop(): void;
}

interface Tool {
  readonly name: string;
  /** Files at the root of a checkout that show that it uses the tool. */
  readonly signs: RegExp;
  readonly command: readonly [string, ...string[]];
}

const tools: readonly Tool[] = [
  { name: 'Node.js', signs: /^package\.json$/, command: ['node', '--version'] },
  {
    name: 'Python',
    signs: /^(pyproject\.toml|setup\.(py|cfg)|requirements.*\.txt|tox\.ini|pytest\.ini|Pipfile)$/,
    command: ['python3', '--version'],
  },
  { name: 'Java', signs: /^(pom\.xml|build\.gradle(\.kts)?)$/, command: ['java', '-version'] },
  { name: 'Go', signs: /^go\.mod$/, command: ['go', 'version'] },
  { name: 'Rust', signs: /^Cargo\.toml$/, command: ['rustc', '--version'] },
  { name: 'Ruby', signs: /^Gemfile$/, command: ['ruby', '--version'] },
  { name: 'PHP', signs: /^composer\.json$/, command: ['php', '--version'] },
  { name: '.NET', signs: /\.(sln|csproj|fsproj)$/, command: ['dotnet', '--version'] },
];
const timeoutMs = 10_000;

/**
 * Queries the versions of the tools that the checkout seems to use, while the tests run.
 *
 * @param env the environment of the commands. The tag is removed, because these are not processes of the suite.
 */
export function askToolVersions(checkout: string, env: Readonly<Record<string, string>>): ToolVersions {
  const { [processTagVariable]: _, ...plainEnv } = env;
  const stopped = new AbortController();
  const versions = new Map<Tool, string>();

  void readdir(checkout)
    .catch(() => [])
    .then((names) => {
      for (const tool of tools.filter(({ signs }) => names.some((name) => signs.test(name)))) {
        const [file, ...args] = tool.command;
        // Not in the checkout: a version file there could make a tool download another version.
        const options = { cwd: '/', env: plainEnv, timeout: timeoutMs, signal: stopped.signal };
        execFile(file, args, options, (error, stdout, stderr) => {
          const line = (stdout || stderr).split('\n', 1)[0]?.trim();
          if (error === null && line) versions.set(tool, line);
        });
      }
    });

  return {
    found: () => tools.flatMap((tool) => (versions.has(tool) ? [[tool.name, versions.get(tool) ?? '']] : [])),
    stop: () => stopped.abort(),
  };
}
