import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram } from '../process/shell.ts';
import { type FailedTest, namePattern } from './name-patterns.ts';

const moduleName = 'berth_rerun';

/**
 * Selects tests by the names that pytest writes to its JUnit file, or in the headings of its failures, where a subtest has
 * its own name after that of its test.
 */
const plugin = `import json
import os
import re


def _names(nodeid):
    path, bracket, params = nodeid.partition("[")
    names = path.split("::")
    names[0] = re.sub(r"\\.py$", "", names[0].replace("/", "."))
    names[-1] += bracket + params
    return ".".join(names[:-1]), names[-1]


def pytest_collection_modifyitems(config, items):
    with open(os.environ["BERTH_RERUN_TESTS"], encoding="utf-8") as file:
        wanted = json.load(file)

    def is_wanted(item):
        group, name = _names(item.nodeid)
        return any(
            (test["name"] == name or test["name"].startswith(name + " "))
            and (test["group"] in ("", group) or group.endswith("." + test["group"]))
            for test in wanted
        )

    selected = [item for item in items if is_wanted(item)]
    others = [item for item in items if not is_wanted(item)]
    if others:
        config.hook.pytest_deselected(items=others)
    items[:] = selected
`;

/** Starts node with the pattern where it runs tests. The tests start node by its path, and so without it. */
const nodeWrapper = `#!/bin/sh
for argument; do
  if [ "$argument" = --test ]; then
    exec "$BERTH_RERUN_NODE" --test-name-pattern="$BERTH_RERUN_PATTERN" "$@"
  fi
done
exec "$BERTH_RERUN_NODE" "$@"
`;

export interface HelperOptions {
  /** A directory that the command can read. */
  readonly temporary: string;
  readonly tests: readonly FailedTest[];
  readonly env: Readonly<Record<string, string>>;
}

/** Tools whose arguments cannot select tests, whatever starts them. */
export type HelpedTool = 'node' | 'pytest';

/**
 * Writes what makes a tool select tests.
 *
 * @returns variables for the command, or undefined if the tool is not installed.
 */
export async function helperEnv(
  tool: HelpedTool,
  { temporary, tests, env }: HelperOptions,
): Promise<Record<string, string> | undefined> {
  const directory = join(temporary, 'berth-rerun');
  await mkdir(directory, { recursive: true });
  if (tool === 'node') {
    const node = await findProgram('node', env.PATH ?? '');
    if (node === undefined) return undefined;
    await writeFile(join(directory, 'node'), nodeWrapper, { mode: 0o755 });
    return {
      BERTH_RERUN_NODE: node,
      BERTH_RERUN_PATTERN: namePattern(tests, { isEscaped: true }),
      PATH: [directory, env.PATH].join(':'),
    };
  }
  const list = join(directory, 'tests.json');
  await writeFile(join(directory, `${moduleName}.py`), plugin);
  await writeFile(list, JSON.stringify(tests.map(({ name, group }) => ({ name, group }))));
  return {
    BERTH_RERUN_TESTS: list,
    PYTHONPATH: [directory, env.PYTHONPATH].filter(Boolean).join(':'),
    PYTEST_ADDOPTS: [env.PYTEST_ADDOPTS, `-p ${moduleName}`].filter(Boolean).join(' '),
  };
}
