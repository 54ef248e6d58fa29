import { beforeEach, describe, expect, it } from '@jest/globals';
import { holder } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import { requestStack } from '../../../../app/core/stacks/request-stack.ts';
import { type Answer, aRequest } from '../http-world.ts';
import { eventsOf } from '../server-sent-events.ts';
import { type Browser, type SignInWorld, signInWorld } from './sign-in-world.ts';

let w: SignInWorld;
let dana: Browser;
let written: Project;
let read: Project;
let hidden: Project;

beforeEach(async () => {
  w = signInWorld();
  [written, read, hidden] = [await w.repository(1), await w.repository(2), await w.repository(3)];
  w.github.access.set('dana', [
    { repositoryId: 1, mayWrite: true },
    { repositoryId: 2, mayWrite: false },
    { repositoryId: 99, mayWrite: true },
  ]);
  dana = w.browser();
  await dana.signIn('dana');
});

const getAs = async (browser: Browser, path: string): Promise<Answer> => {
  const response = await browser.fetch(path);
  return { status: response.status, headers: response.headers, body: await response.json() };
};
const get = (path: string) => getAs(dana, path);
const send = async (method: string, path: string, body: unknown = {}, headers = {}) =>
  (await dana.fetch(path, { method, headers, body: JSON.stringify(body) })).status;
const runIn = async (project: Project): Promise<string> => {
  const client = await w.client(project);
  return (await client.post('/workflow/execute', aRequest)).body.workflow_id;
};

describe('a person', () => {
  it('sees the projects of their repositories, and their permissions', async () => {
    const { body } = await get('/projects');
    expect(body.projects.map(({ id, scope }: { id: string; scope: string }) => [id, scope])).toEqual([
      ['gh-1', 'run'],
      ['gh-2', 'read'],
    ]);
    expect(body.cursor).toBeNull();
  });

  it('cannot see any other project, run, stack, or queue, by any name', async () => {
    const run = await runIn(hidden);
    await requestStack(w.deps, { project: hidden, holder: holder.client('x'), branch: 'main', wait: false });
    for (const path of [
      '/projects/gh-3',
      `/projects/${encodeURIComponent('acme/repo-3')}`,
      '/workflow?project=gh-3',
      '/listStacks?project=gh-3',
      '/stacks/test-1?project=gh-3',
      '/line?project=gh-3',
      '/projects/gh-3/costs',
      `/workflow/${run}`,
      `/workflow/${run}/status`,
      `/workflow/${run}/logs`,
      `/workflow/${run}/report`,
      `/workflow/${run}/tests`,
      `/workflow/${run}/artifacts`,
    ]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
    const there = await get(`/workflow/${run}`);
    const none = await get('/workflow/there-is-none');
    expect(there.body).toEqual(none.body);
    expect(await send('DELETE', `/workflow/${run}`)).toBe(404);
    expect(await send('POST', '/releaseStack?project=gh-3', { stackName: 'test-1' })).toBe(404);
  });

  it('acts where they may write', async () => {
    const run = await runIn(written);
    expect(await send('POST', '/workflow/execute?project=gh-1', aRequest)).toBe(202);
    expect(await send('DELETE', `/workflow/${run}`)).toBe(200);
    expect(await send('POST', '/requestStack?project=gh-1', { holder: 'dana' })).toBe(200);
    const { stacks } = (await get('/listStacks?project=gh-1')).body;
    const { stackName } = stacks.find(({ heldBy }: { heldBy: string | null }) => heldBy?.includes('dana'));
    expect(await send('POST', '/releaseStack?project=gh-1', { stackName })).toBe(200);
    const { body } = await get(`/workflow/${run}`);
    expect(body.cancelled).toMatchObject({ by: 'dana' });
  });

  it('only looks where they may only read', async () => {
    const run = await runIn(read);
    expect((await get(`/workflow/${run}`)).status).toBe(200);
    expect((await get('/listStacks?project=gh-2')).status).toBe(200);
    for (const [method, path] of [
      ['POST', '/workflow/execute?project=gh-2'],
      ['POST', `/workflow/${run}/retest`],
      ['DELETE', `/workflow/${run}`],
      ['POST', '/requestStack?project=gh-2'],
      ['POST', '/releaseStack?project=gh-2'],
      ['POST', '/setLastDeployedCommit?project=gh-2'],
      ['POST', '/deleteLastStack?project=gh-2'],
    ] as const) {
      expect([path, await send(method, path)]).toEqual([path, 403]);
    }
  });

  it('is never an administrator, not even as an owner', async () => {
    expect((await get('/projects/gh-1/keys')).status).toBe(403);
    expect(await send('POST', '/projects/gh-1/keys', { name: 'mine', scope: 'run' })).toBe(403);
    expect(await send('PATCH', '/projects/gh-1', { settings: {} })).toBe(403);
    expect(await send('POST', '/projects', { name: 'new' })).toBe(403);
  });

  it('has no default project: a request must name one', async () => {
    expect((await get('/listStacks')).status).toBe(400);
  });

  it('sees nothing without explicit access, even if it is public', async () => {
    const stranger = w.browser();
    await stranger.signIn('stranger');
    expect((await getAs(stranger, '/projects')).body).toEqual({ projects: [], cursor: null, current: null });
    expect((await stranger.fetch('/listStacks?project=gh-1')).status).toBe(404);
  });

  it('sees many projects page by page', async () => {
    const all = Array.from({ length: 130 }, (_, index) => ({ repositoryId: 1000 + index, mayWrite: false }));
    for (const { repositoryId } of all) await w.repository(repositoryId);
    w.github.access.set('dana', all);
    w.clock.advance(61);
    const first = (await get('/projects')).body;
    const second = (await get(`/projects?cursor=${first.cursor}`)).body;
    expect([first.projects.length, second.projects.length, second.cursor]).toEqual([100, 30, null]);
  });
});

describe('access data from GitHub', () => {
  it('is cached for a minute for reads', async () => {
    const before = w.github.asked;
    for (let count = 0; count < 20; count += 1) await get('/projects');
    expect(w.github.asked - before).toBe(1);
    w.clock.advance(61);
    await get('/projects');
    expect(w.github.asked - before).toBe(2);
  });

  it('is updated within a minute after access was removed', async () => {
    await get('/listStacks?project=gh-2');
    w.github.access.set('dana', [{ repositoryId: 1, mayWrite: true }]);
    w.clock.advance(61);
    expect((await get('/listStacks?project=gh-2')).status).toBe(404);
  });

  it('ends a followed log within a minute after access was removed', async () => {
    const run = await runIn(read);
    const events = eventsOf(
      await dana.fetch(`/workflow/${run}/logs`, { headers: { accept: 'text/event-stream' } }),
    );
    expect(await events.next()).toMatchObject({ retry: '2000' });
    expect(await events.next()).toMatchObject({ event: 'state' });
    w.clock.advance(61);
    expect(await events.rest()).toEqual([{ comment: 'still here' }]);
    w.github.access.set('dana', []);
    expect((await dana.fetch(`/workflow/${run}/logs`)).status).toBe(404);
  });

  it('is queried for every change, so removed access has no effect', async () => {
    await get('/listStacks?project=gh-1');
    w.github.access.set('dana', [{ repositoryId: 1, mayWrite: false }]);
    expect(await send('POST', '/requestStack?project=gh-1')).toBe(403);
    // Readers also get that answer.
    expect((await get('/projects/gh-1')).body.scope).toBe('read');
  });

  it('is cached for ten minutes for reads while GitHub is unavailable, and never for changes', async () => {
    await get('/projects');
    w.github.fault = 'github_unavailable';
    w.clock.advance(300);
    expect((await get('/projects')).status).toBe(200);
    expect(await send('POST', '/requestStack?project=gh-1')).toBe(503);
    w.clock.advance(301);
    expect(await get('/projects')).toMatchObject({ status: 503, body: { code: 'github_unavailable' } });
  });

  it('of one person is never used for another', async () => {
    w.github.access.set('rin', [{ repositoryId: 3, mayWrite: false }]);
    const rin = w.browser();
    await rin.signIn('rin');
    const ids = async (one: Browser) =>
      (await getAs(one, '/projects')).body.projects.map(({ id }: { id: string }) => id);
    expect([await ids(dana), await ids(rin), await ids(dana)]).toEqual([
      ['gh-1', 'gh-2'],
      ['gh-3'],
      ['gh-1', 'gh-2'],
    ]);
  });
});

describe('a change in a session', () => {
  const attack = (headers: Record<string, string>) => send('POST', '/requestStack?project=gh-1', {}, headers);

  it.each([
    ['without the header of the dashboard', { 'x-berth-session': '' }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from another origin of the site', { 'sec-fetch-site': 'same-site' }],
    ['typed into the address bar', { 'sec-fetch-site': 'none' }],
    ['with another origin', { origin: 'https://evil.test' }],
    ['with the origin `null`', { origin: 'null' }],
    ['with the origin of another port', { origin: 'https://berth.test:8443' }],
    ['with an origin that only begins alike', { origin: 'https://berth.test.evil.test' }],
  ])('%s is rejected', async (_, headers) => {
    expect(await attack(headers)).toBe(403);
    expect((await get('/listStacks?project=gh-1')).body.stacks).toEqual([]);
  });

  it('is rejected as a form', async () => {
    const response = await dana.visit('/projects');
    expect(response.status).toBe(200);
    const form = await w.app.request('https://berth.test/requestStack?project=gh-1', {
      method: 'POST',
      headers: {
        cookie: [...dana.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'content-type': 'text/plain',
        origin: 'https://evil.test',
      },
      body: '{}',
    });
    expect(form.status).toBe(403);
  });

  it.each([
    ['POST', '{"key":"x"}'],
    ['DELETE', undefined],
  ])('and %s /session, from another page, are rejected', async (method, body) => {
    const init = {
      method,
      headers: { 'sec-fetch-site': 'cross-site' },
      ...(body === undefined ? {} : { body }),
    };
    expect((await dana.fetch('/session', init)).status).toBe(403);
    expect((await dana.fetch('/session')).status).toBe(200);
  });

  it('is accepted from the dashboard, even without optional headers', async () => {
    expect(await attack({})).toBe(200);
  });
});

describe('every route', () => {
  /** Public by design: health checks, and routes with a signed URL. Adding one here is a decision. */
  const open = ['/healthz', '/readyz', '/workflow/{id}/uploads'];

  /** The answers of the API's routes to the person, with the parts of their paths filled in for a project. */
  async function answersIn(project: Project, takes: (method: string) => boolean): Promise<string[]> {
    const run = await runIn(project);
    const values: Readonly<Record<string, string>> = {
      '/projects': project.id,
      '/workflow': run,
      '/stacks': 'test-1',
    };
    const { paths } = (await get('/openapi.json')).body;
    const answers: string[] = [];
    for (const [path, operations] of Object.entries<object>(paths)) {
      for (const method of Object.keys(operations)) {
        if ([...open, '/projects'].includes(path) || !takes(method)) continue;
        const [, root = ''] = /^(\/\w+)/.exec(path) ?? [];
        const filled = path.replace(/\{\w+\}/, values[root] ?? 'x').replace(/\{\w+\}/g, 'x');
        const init = method === 'get' ? {} : { method: method.toUpperCase(), body: '{}' };
        const response = await dana.fetch(`${filled}?project=${project.id}`, init);
        const leak = (await response.text()).includes(project.name) ? ' and names the project' : '';
        answers.push(`${method} ${path}: ${response.status}${leak}`);
      }
    }
    return answers;
  }

  it('returns nothing about a project that the person cannot access', async () => {
    const answers = await answersIn(hidden, () => true);
    expect(answers.length).toBeGreaterThan(25);
    expect(answers.filter((answer) => !answer.endsWith(': 404'))).toEqual([]);
  });

  it('allows no change with read access', async () => {
    const answers = await answersIn(read, (method) => method !== 'get');
    expect(answers.length).toBeGreaterThan(11);
    expect(answers.filter((answer) => !answer.endsWith(': 403'))).toEqual([]);
  });
});
