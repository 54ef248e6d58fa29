import { describe, expect, it } from '@jest/globals';
import { newBranch } from '../../../../app/core/model/branch.ts';
import { projectId, runId } from '../../../../app/core/model/ids.ts';
import type { Run } from '../../../../app/core/model/run.ts';
import type { Stack } from '../../../../app/core/model/stack.ts';
import { commentView } from '../../../../app/core/results/comment-view.ts';
import { anEndedRun, aRun } from '../../../helpers/a-run.ts';

const now = new Date('2026-11-02T10:00:00Z');
const key = { projectId: projectId('gh-1001'), repositoryId: 7, name: 'topic' };
const branch = {
  ...newBranch(key, { isTrusted: true, trigger: { kind: 'push' }, now }),
  head: '0123456789abcdef0123456789abcdef01234567',
};
const stack = (change: Partial<Stack> = {}): Stack => ({
  ...{ projectId: key.projectId, number: 1, stackName: 'test-1', branch: 'topic', token: 1, revision: 1 },
  ...{ created: now, modified: now, lastRequested: now, activeRuns: [] },
  ...change,
});
const linkOf = (id: string) => `https://berth.test/runs/${id}`;
const view = (runs: readonly Run[], on?: Stack) =>
  commentView({ branch, runs, linkOf, ...(on === undefined ? {} : { stack: on }) });
const passed = anEndedRun('succeeded', { exitCode: 0 });
const running = aRun({ id: runId('01E2E'), state: 'running' }, { suite: 'e2e' });

describe('the comment of a pull request', () => {
  it('is useful before the end only if it says more than the checks', () => {
    expect(view([passed, running]).isUseful).toBe(false);
    expect(view([anEndedRun('failed', {}), running]).isUseful).toBe(true);
    expect(view([passed]).isUseful).toBe(true);
    expect(view([anEndedRun('skipped', {})]).isUseful).toBe(false);
  });

  it('has the same substance while only the progress of a run changes', () => {
    const waiting = aRun(
      { id: runId('01E2E'), state: 'waiting', waiting: { reason: 'line', position: 3 } },
      { suite: 'e2e' },
    );
    expect(view([passed, waiting], stack()).substance).toBe(view([passed, running], stack()).substance);
    expect(view([passed], stack()).substance).not.toBe(view([passed, running], stack()).substance);
  });

  it('links the addresses that the deployments of the stack have, and none before they are deployed', () => {
    const deploy = {
      ...running,
      spec: { ...running.spec, suite: 'deploy', deploy: { cancelSuperseded: false } },
    };
    const pattern = {
      ...deploy,
      spec: {
        ...deploy.spec,
        stack: { holder: branch.holder, hold: 'branch', shares: false, url: 'https://{stack}.example.com' },
      },
    } as const;
    expect(view([pattern], stack()).body).not.toContain('example.com');
    const done = { commit: branch.head, runId: runId('01D'), at: now, seconds: 9, recipe: '', outputs: {} };
    const api = { done: { ...done, url: 'https://api.example.com/' } };
    const web = { done: { ...done, url: 'https://web.example.com/' } };
    const { body } = view(
      [pattern],
      stack({ deploys: { 'deploy/api': api, 'deploy/web': web }, lastDeployedCommit: branch.head }),
    );
    expect(body).toContain('deploy/api: [https://api.example.com/](https://api.example.com/)');
    expect(body).toContain('deploy/web: [https://web.example.com/](https://web.example.com/)');
    expect(body).toContain('deployed `0123456`');
  });

  it('lets no text become Markdown, HTML, a mention, or another link', () => {
    const evil = 'x](https://evil.test) <img src=x> | @octo-org/team `';
    const run = anEndedRun('succeeded', {}, {}, { suite: evil });
    const url = 'https://a.test/)|<script>\'"[x](y)';
    const shared = {
      ...run,
      spec: { ...run.spec, stack: { holder: branch.holder, hold: 'branch', shares: true, url } },
    } as const;
    const { body } = view([shared], stack({ stackName: 'test-1|`**' }));
    expect(body).not.toContain('<img');
    expect(body).not.toContain('<script');
    expect(body).not.toContain('@octo-org');
    expect(body).not.toMatch(/[^\\]\]\(https:\/\/evil/);
    const rows = body.split('\n').filter((line) => line.startsWith('| '));
    for (const row of rows) expect(row.replace(/\\\|/g, '').match(/\|/g)).toHaveLength(3);
  });

  it('does not link what is not an address of the web', () => {
    const deploys = {
      deploy: {
        done: {
          commit: 'c',
          runId: runId('r'),
          at: now,
          seconds: 1,
          recipe: '',
          outputs: {},
          url: 'javascript:alert(1)',
        },
      },
    };
    expect(view([passed], stack({ deploys })).body).not.toContain('](javascript');
  });
});
