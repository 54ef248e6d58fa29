import { beforeEach, describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import type { Project } from '../../../app/core/model/project.ts';
import type { Run } from '../../../app/core/model/run.ts';
import { sessionTokens } from '../../../app/http/auth/session-token.ts';
import { badgeSvg } from '../../../app/http/badge-svg.ts';
import { aRun } from '../../helpers/a-run.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';
import { type Client, type HttpWorld, httpWorld } from './http-world.ts';

let w: HttpWorld;
let client: Client;
let project: Project;
let minute = 0;

beforeEach(async () => {
  w = httpWorld({
    dashboard: { tokens: sessionTokens(Buffer.alloc(32, 7), fakeClock()), assets: async () => new Map() },
  });
  ({ client, project } = await w.shop());
});

async function run(state: Run['state'], sha: string, suite = 'unit', branch = 'main'): Promise<void> {
  minute += 1;
  const base = aRun({ id: runId(`r${minute}`), projectId: project.id });
  await w.deps.store.runs.create({
    ...base,
    state,
    sha: sha.repeat(40),
    createdAt: new Date(Date.UTC(2030, 0, 1, 0, minute)),
    spec: { ...base.spec, suite, branch },
  });
}

const badge = async (query = '') => (await client.get(`/projects/${project.id}/badge${query}`)).body;

describe('GET /projects/:id/badge', () => {
  it('is unknown without runs, and running before the first verdict', async () => {
    expect((await badge()).status).toBe('unknown');
    await run('running', 'a');
    expect((await badge()).status).toBe('running');
  });

  it('counts every suite of a commit, including those beyond the first page of runs', async () => {
    await run('failed', 'a', 'the oldest');
    for (let suite = 0; suite < 130; suite += 1) await run('succeeded', 'a', `unit ${suite}`);
    expect((await badge()).status).toBe('failing');
  });

  it('finds a branch whose runs are behind many others, where a page of the list is empty', async () => {
    await run('succeeded', 'a');
    const { list } = w.deps.store.runs;
    w.deps.store.runs.list = async (id, filter, page) =>
      page.cursor === undefined ? { items: [], cursor: 'older' } : list(id, filter, { limit: page.limit });
    expect((await badge()).status).toBe('passing');
  });

  it('is the verdict of the newest commit that has finished, by its latest attempts', async () => {
    await run('failed', 'a', 'unit');
    await run('succeeded', 'a', 'lint');
    expect((await badge()).status).toBe('failing');
    await run('succeeded', 'a', 'unit');
    expect((await badge()).status).toBe('passing');
    await run('errored', 'b', 'unit');
    expect((await badge()).status).toBe('error');
    await run('running', 'c', 'unit');
    expect((await badge()).status).toBe('error');
  });

  it('does not count forks and tags that have the name of the branch', async () => {
    await run('succeeded', 'a');
    for (const spec of [
      { untrusted: true },
      { source: { kind: 'git', url: 'https://github.com/o/r.git', ref: 'refs/tags/main' } as const },
    ]) {
      minute += 1;
      const base = aRun({ id: runId(`r${minute}`), projectId: project.id, state: 'failed' });
      const createdAt = new Date(Date.UTC(2030, 0, 1, 0, minute));
      const of = { repositoryId: 1, installationId: 1, owner: 'o', repo: 'r', headSha: 'b'.repeat(40) };
      await w.deps.store.runs.create({
        ...base,
        sha: 'b'.repeat(40),
        createdAt,
        github: of,
        spec: { ...base.spec, suite: 'unit', branch: 'main', ...spec },
      });
    }
    expect((await badge()).status).toBe('passing');
  });

  it('is for a branch and a suite', async () => {
    await run('failed', 'a', 'unit');
    await run('succeeded', 'a', 'lint');
    await run('succeeded', 'b', 'unit', 'feature');
    expect((await badge('?suite=lint')).status).toBe('passing');
    expect((await badge('?branch=feature')).status).toBe('passing');
    expect((await badge('?branch=none')).status).toBe('unknown');
  });

  it('has Markdown that a name does not break', async () => {
    const { markdown } = await badge(`?suite=${encodeURIComponent('a](http://evil.example)\\')}`);
    expect(markdown).toMatch(/^\[!\[a \(http:\/\/evil\.example\) \]\(/);
  });

  it('says how short a name may be', async () => {
    expect((await client.get(`/projects/${project.id}/badge?suite=`)).body.details).toEqual([
      { path: 'suite', message: 'must have at least 1 character' },
    ]);
  });

  it('gives a picture that needs no key, for this project only', async () => {
    await run('succeeded', 'a');
    const { image_url: url, markdown } = await badge('?branch=main&suite=unit');
    expect(markdown).toContain(`](${url})`);
    const picture = await w.app.request(url);
    expect(picture.status).toBe(200);
    expect(picture.headers.get('content-type')).toMatch(/^image\/svg\+xml/);
    expect(await picture.text()).toContain('aria-label="unit: passing"');
    const other = await w.project({}, 'other');
    expect(
      (await w.app.request(url.replace(`/projects/${project.id}/`, `/projects/${other.id}/`))).status,
    ).toBe(404);
    expect((await w.app.request(url.replace(/token=[^&]*/, 'token=x'))).status).toBe(404);
    expect((await w.app.request(url.replace(/&?token=[^&]*/, ''))).status).toBe(404);
  });
});

describe('badgeSvg', () => {
  it('writes names as text', () => {
    expect(badgeSvg('<script>"&', 'passing')).not.toContain('<script>');
  });

  it('contains no character that XML forbids, and none that turns the text around', () => {
    expect(badgeSvg('\u0001\u202e\ud800a', 'passing')).toContain('aria-label="\ufffda: passing"');
  });
});
