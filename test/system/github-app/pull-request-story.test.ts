import { execFile } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningServer } from '../../../app/wiring/server.ts';
import { eventually } from '../../helpers/eventually.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import type { CheckRunState, PullState, RepositoryState } from '../../helpers/github-stand-in/state.ts';
import { apiKey, serveFor } from '../../helpers/served-github.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';

const run = promisify(execFile);

const settings = `
suites:
  unit:
    command: sh test.sh
    junit: junit.xml
    stack: { url: 'https://{stack}.shop.example' }
`;
const failing = `cat > junit.xml <<'XML'
<testsuite name="cart" tests="2" failures="1">
  <testcase classname="cart" name="is empty at first" time="0.01"/>
  <testcase classname="cart" name="adds up the prices" file="src/cart.js" line="14" time="0.02">
    <failure message="Expected 3, received 4">at src/cart.js:14</failure>
  </testcase>
</testsuite>
XML
echo "tests on $BERTH_STACK"
exit 1
`;
const passing = 'echo "all is well on $BERTH_STACK"\n';

describe('a pull request from its opening to its closing, with real git and real tasks', () => {
  let github: GithubStandIn;
  let berth: RunningServer;
  let dataDir: string;
  let repository: RepositoryState;
  let pull: PullState;

  beforeAll(async () => {
    github = await startGithubStandIn();
    dataDir = await mkdtemp(join(tmpdir(), 'berth-github-'));
    repository = await github.addRepository({
      name: 'shop',
      isPrivate: true,
      files: { '.github/berth.yml': settings, 'test.sh': passing, 'src/cart.js': 'cart\n' },
      collaborators: { dana: 'write' },
    });
    berth = await serveFor(github, dataDir);
  });
  afterAll(async () => {
    await berth.close();
    await github.close();
    await removeDirectory(dataDir);
  });

  const concluded = (sha: string, count = 1): Promise<CheckRunState> =>
    eventually(`check run ${count} of ${sha} to conclude`, async () => {
      const checks = repository.checkRuns.filter((one) => one.headSha === sha);
      return checks.length === count && checks[count - 1]?.conclusion != null ? checks[count - 1] : undefined;
    });

  it('shows a failing test on its line, with the log, from a private repository', async () => {
    const sha = await repository.git.commit('topic', { 'test.sh': failing }, { from: 'main' });
    pull = await github.people.openPullRequest(repository, { branch: 'topic' });
    const check = await concluded(sha);
    expect(check).toMatchObject({
      name: 'berth/unit',
      conclusion: 'failure',
      output: { title: '1 of 2 tests failed' },
    });
    expect(check.history[0]).toBe('in_progress');
    expect(check.annotations).toMatchObject([
      { path: 'src/cart.js', start_line: 14, message: expect.stringContaining('Expected 3, received 4') },
    ]);
    expect(check.output?.text).toContain('tests on test-1');
    // A deployment is reported after the check run: for quick tests, only when they have ended.
    await eventually('the deployment', async () => repository.deployments.length > 0);
    expect(repository.deployments).toMatchObject([{ environment: 'berth/test-1', sha }]);
  });

  it('passes with the commit that fixes it, on the same stack', async () => {
    const sha = await github.people.push(repository, 'topic', { 'test.sh': passing });
    const check = await concluded(sha);
    expect(check).toMatchObject({ conclusion: 'success' });
    expect(check.output?.text).toContain('all is well on test-1');
  });

  it('runs again when asked to', async () => {
    const comment = await github.people.comment(repository, pull, '/retest all', { by: 'dana' });
    await concluded(pull.headSha, 2);
    expect(comment.reactions).toEqual(['eyes']);
  });

  it('gives its stack back when it is closed', async () => {
    await github.people.changePullRequest(repository, pull, 'closed');
    await eventually('the deployments to be inactive', async () =>
      repository.deployments.every((one) => one.statuses.at(-1)?.state === 'inactive'),
    );
    const answer = await fetch(`${berth.url}/listStacks?project=gh-${repository.id}`, {
      headers: { 'X-API-Key': apiKey },
    });
    expect(await answer.json()).toMatchObject({
      stacks: [{ stackName: 'test-1', isAvailable: true, branch: 'topic' }],
    });
  });

  it('leaves no token where someone could find it', async () => {
    // grep ends with 1 where it found nothing.
    const { stdout } = await run('grep', ['-rlE', 'ghs_[0-9a-f]{8}', dataDir]).catch(() => ({ stdout: '' }));
    expect(stdout).toBe('');
  });
});
