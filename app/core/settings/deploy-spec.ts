import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { RunId } from '../model/ids.ts';
import type { NeededDeploy, RunSpec } from '../model/run.ts';
import { runDefaults } from '../model/run-defaults.ts';
import type { NamedDeploy, PoolSettings } from './settings.ts';
import { type CommitOrigin, specOfSuite } from './suite-spec.ts';

/** Builds the spec for a run that deploys a commit to its stack. */
export function specOfDeploy(
  deploy: NamedDeploy,
  origin: CommitOrigin,
  options: {
    readonly id: RunId;
    readonly pool: PoolSettings | undefined;
    /** The deployments before this one. */
    readonly deploys: readonly NeededDeploy[];
  },
): RunSpec {
  const { url, paths, cancelSuperseded = false, 'working-directory': path, ...suite } = deploy;
  const checkout = path === undefined ? suite.checkout : { ...suite.checkout, path };
  const stack = omitUndefined({ url, sharesStack: false });
  const spec = specOfSuite({ ...suite, ...omitUndefined({ checkout }), stack }, origin, {
    ...options,
    isDeploy: true,
    forkSecrets: false,
  });
  return {
    ...spec,
    timeoutSeconds: deploy.timeout ?? runDefaults.timeoutSeconds,
    deploy: omitUndefined({ paths, cancelSuperseded }),
  };
}
