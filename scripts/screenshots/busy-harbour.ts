import path from 'node:path';
import { isTerminal } from '../../app/core/model/run-state.ts';
import {
  type Branch,
  type HarbourRepository,
  junitFile,
  makeHarbourRepository,
  testCommand,
} from '../demo/harbour-repository.ts';
import type { Stage } from '../demo/stage.ts';

/** The IDs of the runs and the stack that the screenshots show. */
export interface BusyHarbour {
  readonly failedRun: string;
  readonly longRun: string;
  readonly stack: string;
}

/** A flaky test: it passes every other time on the same commit. */
const tide = `
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { test } from 'node:test';
test('the tide gauge answers in time', () => {
  const turned = existsSync(process.env.TIDE_FILE);
  turned ? rmSync(process.env.TIDE_FILE) : writeFileSync(process.env.TIDE_FILE, '');
  assert.ok(turned, 'no answer within 2 s: is the gauge out of the water?');
});`;
const tideCommand = `printf '%s' "$TIDE_TEST" > tide.test.mjs
node --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination=junit.xml`;
const longCommand = `printf '\\033[1mloading 200,000 containers\\033[0m\\n'
awk 'BEGIN { for (i = 1; i <= 200000; i++) printf "crane %d  container %06d  %s\\n", i % 7, i, i % 97 ? "\\033[32mlifted\\033[0m" : "\\033[33mwaits for a lorry\\033[0m" }'`;

/** Creates the data of a busy day: real runs of real tests, through the public API. */
export async function playBusyHarbour(stage: Stage): Promise<BusyHarbour> {
  const { api } = stage;
  await api.changeProject(stage.projectName, { settings: { maxStacks: 4 } });
  const repository = await makeHarbourRepository(path.join(stage.directory, 'harbour'));
  const [main, overbooking, draught] = repository.branches;
  if (main === undefined || overbooking === undefined || draught === undefined)
    throw new Error('the harbour has lost a branch');
  const tests = (branch: Branch) =>
    run(stage, repository, branch, { suite: 'unit', test_command: testCommand });
  const gauge = (branch: Branch) => run(stage, repository, branch, tideRun(stage));

  for (let day = 0; day < 4; day += 1) {
    const ids = [await tests(main), await gauge(main), await tests(draught)];
    for (const id of ids) await ended(stage, id);
  }
  await ended(stage, await tests(overbooking));
  const failedRun = await tests(overbooking);
  const longRun = await run(stage, repository, main, { suite: 'load', test_command: longCommand });
  for (const id of [failedRun, longRun]) await ended(stage, id);

  const hold = async (branch: string, holder: string, commit: string) => {
    const held = await api.requestStack({ branch, holder, wait: false, leaseSeconds: 4 * 3600 });
    if (!('stackName' in held)) throw new Error(`No stack is available for ${holder}.`);
    await api.setLastDeployedCommit({ stackName: held.stackName, lastDeployedCommit: commit });
    return held.stackName;
  };
  const stack = await hold('feature/draught', 'preview of draught', draught.sha);
  await hold('main', 'nightly deployment', main.sha);
  for (const branch of [overbooking, draught]) {
    await run(stage, repository, branch, {
      suite: 'browser',
      test_command: 'echo "opening the harbour"; sleep 900',
    });
  }
  for (const branch of ['feature/tugs', 'fix/mooring']) {
    await api.requestStack({ branch, holder: `preview of ${branch}`, wait: true });
  }
  return { failedRun, longRun, stack };
}

function tideRun({ directory }: Stage) {
  return {
    suite: 'tide gauge',
    test_command: tideCommand,
    env: { TIDE_TEST: tide, TIDE_FILE: path.join(directory, 'turned') },
  };
}

async function run(
  { api }: Stage,
  { url }: HarbourRepository,
  { name, sha }: Branch,
  what: { suite: string; test_command: string; env?: Record<string, string> },
): Promise<string> {
  const { workflow_id: id } = await api.startRun({
    repo_url: url,
    branch: name,
    sha,
    junit: [junitFile],
    idempotency_key: crypto.randomUUID(),
    ...what,
  });
  return id;
}

async function ended({ api, pause }: Stage, id: string): Promise<void> {
  while (!isTerminal((await api.runStatus(id)).state)) await pause(200);
}
