import { describe, expect, it } from '@jest/globals';
import { makeRepository } from './harness/git-repository.ts';
import { runRunner } from './harness/run-runner.ts';
import { startUploadServer } from './harness/upload-server.ts';

async function gitSource(files?: Record<string, string>) {
  const repository = await makeRepository(files);
  const sha = await repository.git('rev-parse', 'HEAD');
  return { kind: 'git', url: repository.url, branch: 'main', sha } as const;
}

describe('the runner', () => {
  it('checks out the commit, runs the command in it and reports success', async () => {
    const source = await gitSource({ 'greeting.txt': 'hello from the checkout\n' });
    const run = await runRunner({ source, command: 'cat greeting.txt' });
    expect(run.lines).toEqual(['hello from the checkout']);
    expect(run.exitCode).toBe(0);
    expect(run.result).toMatchObject({ runId: 'run-1', outcome: 'succeeded', exitCode: 0, sha: source.sha });
    expect(run.result.phases.map(({ name }) => name)).toEqual(['fetch', 'test', 'report', 'upload']);
  });

  it("ends with the command's own exit code when the tests fail", async () => {
    const run = await runRunner({ source: await gitSource(), command: 'exit 3' });
    expect(run.exitCode).toBe(3);
    expect(run.result).toMatchObject({ outcome: 'failed', exitCode: 3 });
  });

  it('fails when any part of a pipeline fails', async () => {
    const run = await runRunner({ source: await gitSource(), command: 'false | cat' });
    expect(run.result).toMatchObject({ outcome: 'failed', exitCode: 1 });
  });

  it('names the signal that ended the command', async () => {
    const run = await runRunner({ source: await gitSource(), command: 'kill -SEGV $$' });
    expect(run.exitCode).toBe(139);
    expect(run.result).toMatchObject({ outcome: 'failed', exitCode: null, signal: 'SIGSEGV' });
  });

  it('runs setup before the command, in the same checkout', async () => {
    const run = await runRunner({
      source: await gitSource(),
      setup: 'echo made > made.txt',
      command: 'cat made.txt',
    });
    expect(run.lines).toEqual(['made']);
    expect(run.result.phases.map(({ name }) => name)).toContain('setup');
  });

  it('does not run the tests if setup fails, and reports it', async () => {
    const run = await runRunner({
      source: await gitSource(),
      setup: 'echo no network; exit 9',
      command: 'echo tests',
      junit: ['junit.xml'],
    });
    expect(run.lines).toEqual(['no network']);
    expect(run.exitCode).toBe(70);
    expect(run.result).toMatchObject({ outcome: 'errored', error: { code: 'setup_failed' }, warnings: [] });
  });

  it('uploads the result last', async () => {
    const run = await runRunner({
      source: await gitSource(),
      command: 'echo "<testsuite><testcase name=\'a\'/></testsuite>" > junit.xml; echo kept > kept.txt',
      artifacts: ['kept.txt'],
    });
    const paths = run.server.received.map(({ path }) => path).filter((path) => path !== '/progress');
    expect(paths.at(-1)).toBe('/result');
    expect(paths.sort()).toEqual(['/artifacts', '/report', '/result', '/tests']);
  });

  it('reports the start of each phase', async () => {
    const run = await runRunner({ source: await gitSource(), setup: 'true' });
    const progress = run.server.received.filter(({ path }) => path === '/progress');
    const last = JSON.parse(progress.at(-1)?.body.toString() ?? '{}');
    expect(progress.length).toBeGreaterThan(0);
    expect(last).toMatchObject({ version: 1, runId: 'run-1' });
    expect(last.phases[0].name).toBe('fetch');
  });

  it('sends no progress that its result replaces before anyone looks at it', async () => {
    const run = await runRunner({ source: await gitSource(), progressDelaySeconds: 30 });
    expect(run.server.received.map(({ path }) => path)).not.toContain('/progress');
  });

  it('is not blocked by a server that rejects its progress', async () => {
    const server = await startUploadServer();
    server.answer('/progress', () => undefined);
    const run = await runRunner({ source: await gitSource(), command: 'echo done' }, { server });
    expect(run.result.outcome).toBe('succeeded');
  });

  it('works over a unix socket without a network', async () => {
    const server = await startUploadServer({ socket: true });
    const run = await runRunner({ source: await gitSource(), command: 'echo done' }, { server });
    expect(run.lines).toEqual(['done']);
    expect(run.result.outcome).toBe('succeeded');
  });

  it('retries an upload after a server error', async () => {
    const server = await startUploadServer();
    server.answer('/result', (_, response) => response.writeHead(503).end(), 2);
    server.answer('/report', (request) => request.socket.destroy(), 1);
    const run = await runRunner({ source: await gitSource() }, { server });
    expect(run.result).toMatchObject({ outcome: 'succeeded', warnings: [] });
    expect(run.report).toContain('<!doctype html>');
  });

  it('warns if the report cannot be uploaded, and exits with the result of the tests', async () => {
    const server = await startUploadServer();
    server.answer('/report', (_, response) => response.writeHead(403).end());
    const run = await runRunner({ source: await gitSource() }, { server });
    expect(run.exitCode).toBe(0);
    expect(run.result.warnings).toEqual([expect.objectContaining({ code: 'upload_failed' })]);
  });
});

describe('the environment of a command', () => {
  const source = gitSource();

  it('has the variables of the run, the stack and the suite', async () => {
    const run = await runRunner({
      source: await source,
      env: { COLOUR: 'blue' },
      stack: { name: 'test-1', token: 7, lastDeployedCommit: 'abc' },
      command:
        'printenv COLOUR BERTH_STACK BERTH_STACK_TOKEN BERTH_LAST_DEPLOYED_COMMIT BERTH_BRANCH BERTH_SHA CI',
    });
    expect(run.lines).toEqual(['blue', 'test-1', '7', 'abc', 'main', (await source).sha, 'true']);
  });

  it('has the variables of the older system', async () => {
    const { url } = await source;
    const run = await runRunner({ source: await source, command: 'printenv REPO_URL BRANCH TEST_COMMAND' });
    expect(run.lines).toEqual([url, 'main', 'printenv REPO_URL BRANCH TEST_COMMAND']);
  });

  it('has no other variables of the runner', async () => {
    const run = await runRunner(
      { source: await source, command: 'env' },
      { env: { AWS_SECRET_ACCESS_KEY: 'theirs', GITHUB_TOKEN: 'theirs', JAVA_HOME: '/opt/java' } },
    );
    expect(run.lines.join('\n')).not.toMatch(/theirs|BERTH_JOB_URL|BERTH_WORK_DIR|JAVA_HOME/);
  });

  it('has the variables in BERTH_PASS_ENV of the image', async () => {
    const run = await runRunner(
      { source: await source, command: 'printenv JAVA_HOME GRADLE_OPTS' },
      { env: { BERTH_PASS_ENV: 'JAVA_HOME, GRADLE_*', JAVA_HOME: '/opt/java', GRADLE_OPTS: '-q' } },
    );
    expect(run.lines).toEqual(['/opt/java', '-q']);
  });

  it("does not show the job's URL to a test that reads its parent's environment", async () => {
    const run = await runRunner({ source: await source, command: 'tr "\\0" "\\n" < /proc/$PPID/environ' });
    expect(run.result.outcome).toBe('succeeded');
    expect(run.lines.join('\n')).toContain('PATH=');
    expect(run.lines.join('\n')).not.toMatch(/BERTH_JOB_URL|127\.0\.0\.1/);
  });
});

describe('the outputs of a run', () => {
  it('are the lines that its commands wrote to BERTH_OUTPUT, without secrets', async () => {
    const run = await runRunner({
      source: await gitSource(),
      setup: 'echo "url=https://one.example.com" >> "$BERTH_OUTPUT"',
      command:
        'echo "url=https://two.example.com?key=$KEY" >> "$BERTH_OUTPUT"; echo broken >> "$BERTH_OUTPUT"',
      secretEnv: { KEY: 'hunter2hunter2' },
    });
    expect(run.result.outputs).toEqual({ url: 'https://two.example.com?key=***' });
    expect(run.result.warnings).toContainEqual({
      code: 'output_refused',
      message: 'Line 3 of BERTH_OUTPUT is not an output: it has no =.',
    });
  });

  it('are absent if the commands wrote none, or put something else in the place of the file', async () => {
    const source = await gitSource();
    const command = 'rm "$BERTH_OUTPUT"; mkfifo "$BERTH_OUTPUT"';
    expect((await runRunner({ source, command: 'true' })).result.outputs).toBeUndefined();
    expect((await runRunner({ source, command })).result.outputs).toBeUndefined();
  });
});

describe('an invalid job', () => {
  it('is rejected with the invalid fields, and the server is notified', async () => {
    const run = await runRunner({ source: await gitSource(), limits: { timeoutSeconds: -1 } });
    expect(run.exitCode).toBe(70);
    expect(run.result.error?.code).toBe('job_unreadable');
    expect(run.result.error?.message).toContain('limits.timeoutSeconds');
  });

  it('is rejected if its version is newer', async () => {
    const server = await startUploadServer();
    const run = await runRunner({ source: await gitSource(), ...{ version: 2 as 1 } }, { server });
    expect(run.result.error?.code).toBe('job_version');
  });
});

describe('a job with credentials of an AWS role', () => {
  const credentials = {
    AccessKeyId: 'ASIATEST',
    SecretAccessKey: 'the-secret-access-key',
    Token: 'the-session-token',
    Expiration: new Date(Date.now() + 3_600_000).toISOString(),
  };
  const ask = `curl -sS -H "Authorization: $AWS_CONTAINER_AUTHORIZATION_TOKEN" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"`;

  it('serves them to the commands, and masks them in the log', async () => {
    const command = `${ask} >../found; wc -c <../found; cat ../found; echo; env | grep -c ^AWS_; curl -s -o /dev/null -w "%{http_code}" "$AWS_CONTAINER_CREDENTIALS_FULL_URI"`;
    const run = await runRunner({ source: await gitSource(), command, credentials });
    const [size, body, variables, refused] = run.lines;
    expect(Number(size)).toBe(JSON.stringify(credentials).length);
    expect(body).toContain('"AccessKeyId":"ASIATEST"');
    expect(body).not.toContain('the-secret');
    expect(body).not.toContain('the-session');
    expect([variables, refused]).toEqual(['2', '401']);
  });

  it('has no such endpoint without them', async () => {
    const run = await runRunner({
      source: await gitSource(),
      command: 'env | grep -c ^AWS_ || true',
    });
    expect(run.lines).toEqual(['0']);
  });
});

it.each([
  [true, 'has /v2/credentials/x eu-central-1'],
  [false, 'has  '],
])(
  'the address of the task role is passed on only if the suite asks for it (%p)',
  async (taskRole, expected) => {
    const env = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/x', AWS_REGION: 'eu-central-1' };
    const command = 'echo "has $AWS_CONTAINER_CREDENTIALS_RELATIVE_URI $AWS_REGION"';
    const run = await runRunner({ source: await gitSource(), command, taskRole }, { env });
    expect(run.lines).toContain(expected);
  },
);
