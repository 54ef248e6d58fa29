import { beforeAll, describe, expect, it } from '@jest/globals';
import type { GitSource } from '../../../runner-image/src/source/git-checkout.ts';
import { makeRepository } from './harness/git-repository.ts';
import { runRunner } from './harness/run-runner.ts';
import { startUploadServer } from './harness/upload-server.ts';

let source: GitSource;
beforeAll(async () => {
  const repository = await makeRepository({
    'docs/old-report.html': '<title id="head-title">pytest-html</title>',
  });
  source = { kind: 'git', url: repository.url, branch: 'main' };
});

describe('artifacts', () => {
  it('are the files that the globs match, in one archive, each named in the result', async () => {
    const command = 'mkdir -p out/deep; echo one > out/a.log; echo two > out/deep/b.log; echo no > out/c.txt';
    const run = await runRunner({ source, command, artifacts: ['out/**/*.log'] });
    expect(await run.artifacts()).toEqual({ 'out/a.log': 'one\n', 'out/deep/b.log': 'two\n' });
    expect(run.result.artifacts).toEqual([
      { path: 'out/a.log', sizeBytes: 4, isReport: false },
      { path: 'out/deep/b.log', sizeBytes: 4, isReport: false },
    ]);
  });

  it('are kept from a failed run too', async () => {
    const run = await runRunner({ source, command: 'echo why > why.log; exit 1', artifacts: ['*.log'] });
    expect(await run.artifacts()).toEqual({ 'why.log': 'why\n' });
  });

  it('can be a directory, and have names that look like options', async () => {
    const command = 'mkdir -p "out/a b"; for name in @x -y "*" "漢 &#"; do echo z > "out/a b/$name"; done';
    const run = await runRunner({ source, command, artifacts: ['out'] });
    expect(Object.keys(await run.artifacts()).sort()).toEqual([
      'out/a b/*',
      'out/a b/-y',
      'out/a b/@x',
      'out/a b/漢 &#',
    ]);
  });

  it('are in the archive if they are in the result, whatever their names and links', async () => {
    const long = `${'d'.repeat(120)}/${'f'.repeat(200)}.txt`;
    const command = `mkdir -p out/c: out/${'d'.repeat(120)} c:; cd out; echo one > a.txt; ln a.txt same.txt; ln a.txt ${long}
      echo two > c:/x.txt; echo three > '\\back\\slash.txt'; echo four > $'new\\nline.txt'; echo five > ../c:/y.txt`;
    const run = await runRunner({ source, command, artifacts: ['out/**', 'c:/*.txt'] });
    const expected = {
      'out/a.txt': 'one\n',
      'out/same.txt': 'one\n',
      [`out/${long}`]: 'one\n',
      'out/c:/x.txt': 'two\n',
      'out/\\back\\slash.txt': 'three\n',
      'out/new\nline.txt': 'four\n',
      'c:/y.txt': 'five\n',
    };
    expect(await run.artifacts()).toEqual(expected);
    expect(run.result.artifacts.map(({ path }) => path).sort()).toEqual(Object.keys(expected).sort());
  });

  it.each([
    ['by a path', ['../outside.txt'], '../outside.txt'],
    ['by an absolute path', ['/etc/hostname'], '/etc/hostname'],
  ])('never come from outside the checkout, %s', async (_, artifacts, refused) => {
    const run = await runRunner({ source, command: 'echo secret > ../outside.txt; ln -s .. up', artifacts });
    expect(await run.artifacts()).toEqual({});
    expect(run.result.warnings).toEqual([
      { code: 'artifact_refused', message: expect.stringContaining(refused) },
    ]);
  });

  it('are not symbolic links, or files behind one', async () => {
    const command =
      'mkdir out; echo kept > out/a.txt; ln -s /etc/hostname out/b.txt; ln -s /etc out/etc; echo secret > ../outside.txt; ln -s .. up';
    const run = await runRunner({ source, command, artifacts: ['out/**', 'up/*.txt', 'out/etc/host*'] });
    expect(await run.artifacts()).toEqual({ 'out/a.txt': 'kept\n' });
  });

  it('leave out the largest if they are too large together', async () => {
    const server = await startUploadServer();
    const command = 'head -c 300000 /dev/urandom > big.bin; echo small > small.bin';
    const uploads = { artifacts: { ...server.uploads.artifacts, maxBytes: 100_000 } };
    const run = await runRunner({ source, command, artifacts: ['*.bin'], uploads }, { server });
    expect(await run.artifacts()).toEqual({ 'small.bin': 'small\n' });
    expect(run.result.artifacts.map(({ path }) => path)).toEqual(['small.bin']);
    expect(run.result.warnings).toEqual([
      { code: 'artifact_over_limit', message: expect.stringContaining('big.bin') },
    ]);
  });

  it('are not in the result if the upload failed', async () => {
    const server = await startUploadServer();
    server.answer('/artifacts', (_, response) => response.writeHead(403).end());
    const run = await runRunner({ source, command: 'echo a > a.log', artifacts: ['*.log'] }, { server });
    expect(run.result.artifacts).toEqual([]);
    expect(run.result.warnings).toEqual([expect.objectContaining({ code: 'upload_failed' })]);
  });
});

describe("a suite's own HTML report", () => {
  it.each([
    ['of pytest-html', 'my-report.html', '<title id="head-title">my-report.html</title>'],
    ['of Playwright', 'playwright-report/index.html', '<html>'],
    ['of Allure', 'web/allure-report/index.html', '<html>'],
  ])('%s is kept automatically', async (_, path, html) => {
    const command = `mkdir -p $(dirname ${path}); echo '${html}' > ${path}`;
    const run = await runRunner({ source, command });
    expect(run.result.artifacts).toEqual([expect.objectContaining({ path, isReport: true })]);
    expect(await run.artifacts()).toEqual({ [path]: `${html}\n` });
  });

  it('is kept with the files that it needs', async () => {
    const command =
      'mkdir -p playwright-report/data; touch playwright-report/index.html playwright-report/data/a.zip';
    const run = await runRunner({ source, command });
    expect(run.result.artifacts).toEqual([
      { path: 'playwright-report/data/a.zip', sizeBytes: 0, isReport: false },
      { path: 'playwright-report/index.html', sizeBytes: 0, isReport: true },
    ]);
  });

  it('is not a file of the repository', async () => {
    expect((await runRunner({ source })).result.artifacts).toEqual([]);
  });

  it('is not any page with "report" in its name', async () => {
    const run = await runRunner({ source, command: 'echo "<html>" > report-template.html' });
    expect(run.result.artifacts).toEqual([]);
  });
});
