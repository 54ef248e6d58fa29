import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../helpers/eventually.ts';
import { type GitRepository, gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { type EmbeddedBerth, embeddedBerth } from './embedded-berth.ts';
import { type Job, jobIn } from './step.ts';

const junit = `<testsuite name="sum" tests="3" failures="1" time="0.2">
  <testcase classname="sum" name="adds" time="0.1"/>
  <testcase classname="sum" name="adds nothing" time="0.1"/>
  <testcase classname="sum" name="adds &lt;b&gt; | ::error::" file="test/sum.test.js" line="7">
    <failure message="expected 2, got 3">at sum.js:1</failure>
  </testcase>
</testsuite>`;

let berth: EmbeddedBerth;
let directory: TemporaryDirectory;
let repository: GitRepository;
let job: Job;

/** The inputs that all steps here have in common. */
function inputs(command: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    'api-url': berth.url,
    'api-key': berth.apiKey,
    repository: repository.url,
    ref: 'main',
    sha: repository.sha,
    command,
    ...more,
  };
}

beforeAll(async () => {
  directory = await temporaryDirectory();
  repository = await gitRepository(`${directory.path}/repository`, {
    'junit.xml': junit,
    'test/sum.test.js': '// what the report names\n',
  });
  berth = await embeddedBerth();
  await berth.call('PATCH', '/projects/default', { settings: { maxStacks: 1 } });
});

beforeEach(() => {
  job = jobIn(directory.path);
});

afterAll(async () => {
  await berth.remove();
  await directory.remove();
});

describe('A step that runs tests', () => {
  it('shows their output, and passes when they do', async () => {
    const end = await (
      await job.step(inputs('echo one; echo "$GREETING on $BERTH_STACK"', { env: 'GREETING=hello' }))
    ).ended();
    expect(end.exitCode).toBe(0);
    expect(end.log).toContain('\none\nhello on test-1\n');
    expect(end.log).toContain(`::add-mask::${berth.apiKey}`);
    expect(end.outputs).toMatchObject({
      state: 'succeeded',
      conclusion: 'success',
      'exit-code': '0',
      'stack-name': 'test-1',
      sha: repository.sha,
      'tests-total': '',
    });
    expect(Number(end.outputs['duration-seconds'])).toBeGreaterThanOrEqual(0);
    expect(end.summary).toContain('`main` at');
  });

  it('fails when they do, and marks the failed tests', async () => {
    const end = await (await job.step(inputs('exit 1', { junit: 'junit.xml' }))).ended();
    expect(end.exitCode).toBe(1);
    expect(end.annotations).toEqual([
      '::error title=sum%3A adds <b> | %3A%3Aerror%3A%3A,file=test/sum.test.js,line=7::expected 2, got 3%0Aat sum.js:1',
    ]);
    expect(end.outputs).toMatchObject({
      conclusion: 'failure',
      'exit-code': '1',
      'tests-total': '3',
      'tests-passed': '2',
      'tests-failed': '1',
      'tests-skipped': '0',
    });
    expect(end.summary).toContain('3 (2 passed, 1 failed, 0 skipped)');
    const report = await fetch(end.outputs['report-url'] ?? '', { headers: { 'X-API-Key': berth.apiKey } });
    expect(await report.text()).toContain('adds nothing');
  });

  it('does not let them command the runner', async () => {
    const end = await (
      await job.step(inputs('echo "::set-output name=sha::evil"; echo "::error::fake"'))
    ).ended();
    const [, token] = /::stop-commands::(\w+)/.exec(end.log) ?? [];
    const stopped = end.log.slice(
      end.log.indexOf(`::stop-commands::${token}`),
      end.log.indexOf(`::${token}::`),
    );
    expect(stopped).toContain('::set-output name=sha::evil\n::error::fake\n');
    expect(end.outputs.sha).toBe(repository.sha);
  });

  it('starts one run for one attempt of the job, however often it is called', async () => {
    const again = jobIn(directory.path, { GITHUB_RUN_ID: 'one and the same' });
    const first = await (await again.step(inputs('echo once'))).ended();
    const repeated = jobIn(directory.path, { GITHUB_RUN_ID: 'one and the same' });
    const second = await (await repeated.step(inputs('echo once'))).ended();
    expect(second.outputs['workflow-id']).toBe(first.outputs['workflow-id']);
    expect(second.log).toContain('\nonce\n');
    const attempt = jobIn(directory.path, { GITHUB_RUN_ID: 'one and the same', GITHUB_RUN_ATTEMPT: '2' });
    const third = await (await attempt.step(inputs('echo once'))).ended();
    expect(third.outputs['workflow-id']).not.toBe(first.outputs['workflow-id']);
  });

  it('waits for a stack, and says so', async () => {
    const { body: held } = await berth.call('POST', '/requestStack', { holder: 'somebody' });
    const step = await job.step(inputs('echo at last'));
    // The first read may find it queued, with its place in line not known yet.
    await step.waitForLine(
      /::group::Waiting\n(The run is queued\.\n)?No stack is available\. Position in the queue: 1\.\n/,
    );
    await berth.call('POST', '/releaseStack', { stackName: held.stackName });
    const end = await step.ended();
    expect(end.exitCode).toBe(0);
    expect(end.log).toContain('\nat last\n');
  });

  it('shows a printed line while others are still to come', async () => {
    const step = await job.step(
      inputs('for i in 1 2 3 4 5 6 7 8 9 10; do echo "at $(date +%s%3N)"; sleep 1.7; done'),
    );
    const end = await step.ended();
    expect(end.exitCode).toBe(0);
    const lines = step.arrivals.flatMap(({ line, at }) => {
      const [, printed] = /^at (\d+)$/.exec(line) ?? [];
      return printed === undefined ? [] : [{ printed: Number(printed), at }];
    });
    expect(lines).toHaveLength(10);
    const delays = lines.map(({ printed, at }) => at - printed).sort((a, b) => a - b);
    // How long it takes is measured, and not asserted: the machine may have other things to do.
    console.log(`a printed line is in the log after ${delays[5]} ms (median of ${delays.length})`);
    expect(lines[0]?.at).toBeLessThan(Number(lines.at(-1)?.printed));
  });

  it('fails with the reason when the key is wrong', async () => {
    const end = await (await job.step(inputs('true', { 'api-key': 'wrong' }))).ended();
    expect(end.exitCode).toBe(1);
    expect(end.log).toContain('::error::Berth answered 401: This API key is unknown or was revoked.');
  });

  it('fails with every mistake in its inputs', async () => {
    const end = await (await job.step({ ...inputs(''), timeout: 'soon' })).ended();
    expect(end.exitCode).toBe(1);
    expect(end.log).toMatch(
      /^::error::The inputs of this step are invalid: command is required.*timeout must be/m,
    );
  });
});

async function stateOf(id: string): Promise<string> {
  return (await berth.call('GET', `/workflow/${id}/status`)).body.state;
}

describe('When the workflow is canceled', () => {
  it('the run is, before the runner kills the step', async () => {
    const step = await job.step(inputs('echo begun; sleep 120'));
    await step.waitForLine(/^begun$/m);
    const end = await step.cancel();
    expect(end.exitCode).toBe(1);
    expect(end.outputs).toMatchObject({ state: 'cancelled', conclusion: 'cancelled' });
    expect(end.log).toMatch(/::error::The workflow was canceled\.\n$/);
    expect((await step.post()).exitCode).toBe(0);
  });

  it('the post step cancels the run of a step that was killed', async () => {
    const step = await job.step(inputs('echo begun; sleep 120'));
    await step.waitForLine(/^begun$/m);
    step.process.kill('SIGKILL');
    const { outputs } = await step.ended();
    const id = outputs['workflow-id'] ?? '';
    expect(await stateOf(id)).toBe('running');
    const post = await step.post();
    expect(post.log).toContain(`Run ${id} is canceled`);
    await eventually('the run to end', async () => (await stateOf(id)) === 'cancelled');
  });
});

describe('A step that is killed', () => {
  const countRuns = async (): Promise<number> =>
    (await berth.call('GET', '/workflow?limit=100')).body.workflows.length;

  it.each([0, 50, 150, 250])('%s ms after its start leaves a post step that starts no run', async (ms) => {
    const before = await countRuns();
    // Without a server the main step cannot get further than its first request.
    await berth.kill();
    const step = await job.step(inputs('echo begun; sleep 120'));
    await delay(ms);
    step.process.kill('SIGKILL');
    await step.ended();
    await berth.start();
    const post = await step.post();
    expect(post.exitCode).toBe(0);
    expect(post.log).not.toContain('Testing ');
    const { workflows } = (await berth.call('GET', '/workflow?limit=100')).body;
    // If the request was about to be sent, the post step makes sure that its run is canceled.
    const { length } = workflows;
    expect(length).toBeLessThanOrEqual(before + 1);
    if (length > before) {
      await eventually(
        'the run to be canceled',
        async () => (await stateOf(workflows[0].workflow_id)) === 'cancelled',
      );
    }
  });

  it('leaves a post step that gives up in seconds while the server is away', async () => {
    const step = await job.step(inputs('echo begun; sleep 120'));
    await step.waitForLine(/^begun$/m);
    step.process.kill('SIGKILL');
    await step.ended();
    await berth.kill();
    const post = await step.post();
    await berth.start();
    expect(post.exitCode).toBe(0);
    expect(post.log).toMatch(/^::warning.*Run \w+ was not canceled: Berth did not answer/m);
    expect(post.log).toContain('Retrying for 8 s.');
    // Its patience is 8 s.
    expect(post.seconds).toBeLessThan(30);
  });
});

describe('When the server is away', () => {
  const slow = (seconds: number): string => `for i in $(seq ${seconds}); do echo "line $i"; sleep 1; done`;
  const linesOf = (log: string): string[] => log.split('\n').filter((line) => /^line \d+$/.test(line));
  const all = (count: number): string[] => Array.from({ length: count }, (_, index) => `line ${index + 1}`);

  it('for a restart in the middle of a run, the step continues where it was', async () => {
    const step = await job.step(inputs(slow(8)));
    await step.waitForLine(/^line 3$/m);
    await berth.kill();
    await berth.start();
    const end = await step.ended();
    expect(end.exitCode).toBe(0);
    expect(linesOf(end.log)).toEqual(all(8));
    expect(end.outputs.conclusion).toBe('success');
  });

  it('for 30 seconds, the step waits for it, and misses nothing', async () => {
    const step = await job.step(inputs(slow(12)));
    await step.waitForLine(/^line 3$/m);
    await berth.kill();
    await delay(30_000);
    await berth.start();
    const end = await step.ended();
    expect(end.exitCode).toBe(0);
    expect(linesOf(end.log)).toEqual(all(12));
    expect(end.log).toMatch(/Berth answers again after \d+ s\./);
  });
});
