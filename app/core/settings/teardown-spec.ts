import { holder, type RunId } from '../model/ids.ts';
import type { Run, RunSpec } from '../model/run.ts';

/** The suite name of teardowns. No suite in a settings file can have it, because of the space. */
function teardownName(suite: string): string {
  return `${suite} teardown`;
}

/** Builds the spec for the teardown of a stack: the command that the suite names, in the environment of its tests. */
export function teardownSpec(original: Run, id: RunId, stackName: string): RunSpec {
  const { setup: _, teardown = 'true', note: __, deploy: ___, deploys: ____, ...rest } = original.spec;
  const { caches: _____, services: ______, needs: _______, concurrency: ________, ...others } = rest;
  // Nothing may keep the stack from its next holder: neither a needed suite that failed since, nor runs of a group.
  const { isNeeded: _________, rerun: __________, ...spec } = others;
  return {
    ...spec,
    suite: teardownName(spec.suite),
    command: teardown,
    junit: [],
    artifacts: [],
    retries: 0,
    timeoutSeconds: spec.teardownOptions?.timeoutSeconds ?? spec.timeoutSeconds,
    stack: { holder: holder.run(id), name: stackName, hold: 'run', shares: false },
    teardownOf: original.id,
  };
}
