import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { testCasesSchema } from '../../../app/core/model/test-results.ts';
import type { ReportData } from '../../../runner-image/src/report/report-data.ts';
import type { GitSource } from '../../../runner-image/src/source/git-checkout.ts';
import { makeRepository } from './harness/git-repository.ts';
import { type FinishedRunner, runRunner } from './harness/run-runner.ts';
import { startUploadServer } from './harness/upload-server.ts';

let source: GitSource;
beforeAll(async () => {
  const repository = await makeRepository();
  source = { kind: 'git', url: repository.url, branch: 'main' };
});

function dataOf({ report }: FinishedRunner): ReportData {
  const json = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(report)?.[1];
  return JSON.parse(json ?? 'null');
}

/** Writes a file of the checkout from a command, whatever is in it. */
const write = (path: string, content: string | Buffer) =>
  `mkdir -p "$(dirname '${path}')"; echo ${Buffer.from(content).toString('base64')} | base64 -d > '${path}'`;

const hostile = `</script><script>alert(1)</script><img src=x onerror="alert(2)"><!--`;
const escaped = hostile.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

describe('the report', () => {
  it('describes the result, and what was tested', async () => {
    const run = await runRunner({
      source,
      command: `${write('junit.xml', '<testsuite name="s"><testcase name="a" time="2"/><testcase name="b"><failure message="no"/></testcase></testsuite>')}; echo the log; exit 1`,
      stack: { name: 'test-3', token: 1 },
      limits: { memoryMib: 512, cpuUnits: 512 },
      links: { run: 'https://berth.example.com/runs/run-1' },
    });
    const data = dataOf(run);
    expect(data.run).toMatchObject({
      outcome: 'failed',
      suite: 'unit',
      branch: 'main',
      stack: 'test-3',
      sha: run.result.sha,
    });
    expect(data.run.sentence).toBe('1 of 2 tests failed. Exit code 1.');
    expect(data.run.links).toEqual({ run: 'https://berth.example.com/runs/run-1' });
    expect(data.totals).toMatchObject({ total: 2, failed: 1 });
    expect(data.failures.map(({ name }) => name)).toEqual(['b']);
    expect(data.log).toContain('the log');
    expect(data.environment).toContainEqual(['Memory', 'limit 512 MiB']);
    expect(data.environment).toContainEqual(['CPUs', '0.5']);
  });

  it('is written even if the checkout failed', async () => {
    const run = await runRunner({ source: { ...source, branch: 'gone' } });
    expect(dataOf(run).run).toMatchObject({
      outcome: 'errored',
      sentence: expect.stringContaining('does not have this branch'),
    });
  });

  it("lists the versions of the repository's tools", async () => {
    const repository = await makeRepository({ 'package.json': '{}' });
    // Takes ten times as long as the question, on any machine.
    const command = 'for i in 1 2 3 4 5 6 7 8 9 10; do node --version; done';
    const run = await runRunner({ source: { kind: 'git', url: repository.url, branch: 'main' }, command });
    expect(dataOf(run).environment).toContainEqual(['Node.js', expect.stringMatching(/^v\d+/)]);
  });

  it('allows only its own script and style', async () => {
    const { report } = await runRunner({ source });
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(report)?.[1] ?? '';
    const hashOf = (text: string | undefined) =>
      `'sha256-${createHash('sha256')
        .update(text ?? '')
        .digest('base64')}'`;
    const script = /<script>([\s\S]*?)<\/script>\n<\/body>/.exec(report)?.[1];
    const style = /<style>([\s\S]*?)<\/style>/.exec(report)?.[1];
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${hashOf(style)}`,
      `script-src ${hashOf(script)}`,
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(report).not.toMatch(/(?:src|href)="(?!data:)/);
  });

  it('shows hostile names and output as text', async () => {
    const xml = `<testsuite name="${escaped}"><testcase name="${escaped}" classname="${escaped} group"><failure message="${escaped}">${escaped}</failure></testcase></testsuite>`;
    const run = await runRunner({
      source: { ...source, sha: undefined, branch: 'main' },
      suite: hostile,
      project: hostile,
      command: `${write('junit.xml', xml)}; ${write('x', hostile)}; cat x; exit 1`,
      links: { run: 'javascript:alert(3)', commit: 'data:text/html,<script>alert(4)</script>' },
    });
    const data = dataOf(run);
    expect(data.failures[0]).toMatchObject({
      name: hostile,
      group: `${hostile} group`,
      message: hostile,
    });
    expect(data.log).toContain(hostile);
    expect(data.run.links).toEqual({});
    expect(run.report.match(/<script/g)).toHaveLength(2);
    expect(run.report).not.toMatch(/<img|<!--|javascript:/);
  });

  it('shows a screenshot next to its failed test', async () => {
    const xml =
      '<testsuite><testcase name="logs in with a wrong password"><failure/></testcase><testcase name="logs in"><failure>saved /tmp/x/odd.png</failure></testcase></testsuite>';
    const commands = [
      write('junit.xml', xml),
      write('screenshots/logs-in-with-a-wrong-password.png', png()),
      write('screenshots/odd.png', png()),
      write('screenshots/other.png', png()),
      write('screenshots/fake.png', '<svg onload=alert(1)>'),
      'exit 1',
    ];
    const data = dataOf(await runRunner({ source, command: commands.join('\n') }));
    const [wrong, plain] = data.failures;
    expect(wrong?.pictures.map(({ path }) => path)).toEqual([
      'screenshots/logs-in-with-a-wrong-password.png',
    ]);
    expect(plain?.pictures.map(({ path }) => path)).toEqual(['screenshots/odd.png']);
    expect(data.pictures.map(({ path }) => path)).toEqual(['screenshots/other.png']);
    expect(wrong?.pictures[0]?.source).toMatch(/^data:image\/png;base64,/);
  });

  it('handles ten thousand tests', async () => {
    const cases = Array.from(
      { length: 10_000 },
      (_, i) => `<testcase classname="pkg.mod${i % 100}" name="test ${i}" time="0.01"/>`,
    );
    const repository = await makeRepository({
      'junit-results.xml': `<testsuite>${cases.join('')}</testsuite>`,
    });
    const run = await runRunner({
      source: { kind: 'git', url: repository.url, branch: 'main' },
      junit: ['junit-results.xml'],
    });
    expect(run.result.tests?.total).toBe(10_000);
    expect(dataOf(run).cases.names).toHaveLength(10_000);
    expect(run.report.length).toBeLessThan(1_000_000);
  });

  it('leaves out what makes it too large, and reports it', async () => {
    const server = await startUploadServer();
    const uploads = { report: { ...server.uploads.report, maxBytes: 60_000 } };
    const cases = Array.from({ length: 3_000 }, (_, i) => `<testcase name="test ${'x'.repeat(20)} ${i}"/>`);
    const repository = await makeRepository({ 'results.xml': `<testsuite>${cases.join('')}</testsuite>` });
    const parts = {
      source: { kind: 'git', url: repository.url, branch: 'main' } as const,
      junit: ['results.xml'],
      uploads,
    };
    const data = dataOf(await runRunner(parts, { server }));
    expect(data.warnings.map(({ code }) => code)).toContain('report_cut');
    expect(data.totals?.total).toBe(3_000);
  });

  it('has a list of all tests, which keeps the failed ones if it is too large', async () => {
    const server = await startUploadServer();
    const uploads = { tests: { ...server.uploads.tests, maxBytes: 5_000 } };
    const cases = Array.from(
      { length: 300 },
      (_, i) => `<testcase name="t${i}">${i > 290 ? '<failure/>' : ''}</testcase>`,
    );
    const repository = await makeRepository({ 'results.xml': `<testsuite>${cases.join('')}</testsuite>` });
    const parts = {
      source: { kind: 'git', url: repository.url, branch: 'main' } as const,
      junit: ['results.xml'],
      uploads,
    };
    const run = await runRunner({ ...parts, command: 'touch results.xml; exit 1' }, { server });
    const list = testCasesSchema.parse(JSON.parse(run.server.upload('/tests')?.body.toString() ?? ''));
    expect(list.cases.filter(({ outcome }) => outcome === 'failed')).toHaveLength(9);
    expect(list.cases.length).toBeGreaterThan(20);
    expect(run.result.warnings).toEqual([
      { code: 'tests_cut', message: expect.stringContaining(String(300 - list.cases.length)) },
    ]);
  });

  it('warns when tests failed and the command hid it', async () => {
    const command = write('junit.xml', '<testsuite><testcase name="a"><failure/></testcase></testsuite>');
    const run = await runRunner({ source, command });
    expect(run.result.outcome).toBe('succeeded');
    expect(run.result.warnings.map(({ code }) => code)).toEqual(['failed_tests_ignored']);
  });
});

/** One gray pixel. */
function png(): Buffer {
  const part = (type: string, content: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    return Buffer.concat([length, Buffer.from(type), content, Buffer.alloc(4)]);
  };
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    part('IHDR', header),
    part('IDAT', deflateSync(Buffer.from([0, 128]))),
    part('IEND', Buffer.alloc(0)),
  ]);
}
