import { execFile } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { createDynamoStore } from '../../../../app/adapters/dynamodb/dynamo-store.ts';
import { startEmbeddedDynamoDb } from '../../../../app/adapters/dynamodb/embedded-dynamodb.ts';
import type { Store } from '../../../../app/ports/store.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { type GitRepository, gitRepository } from '../../../helpers/git-repository.ts';
import { headlessChromium, visitor } from '../../../helpers/headless-chromium.ts';
import { watchLayout } from '../../../helpers/layout-shift.ts';
import { type ServerProcess, startServer } from '../../../helpers/server-process.ts';
import { removeDirectory } from '../../../helpers/temporary-directory.ts';

interface Visit {
  readonly page: Page;
  /** The errors in the browser's console, except the first request for the session. */
  readonly complaints: () => readonly string[];
  close(): Promise<void>;
}

/** The fields of `POST /workflow/execute` other than the repository. */
type RunOptions = { readonly test_command: string } & Readonly<Record<string, unknown>>;

/** An embedded Berth with a repository, and a browser to look at it with. */
export interface Harbour {
  readonly server: ServerProcess;
  readonly repository: GitRepository;
  readonly browser: Browser;
  /** Starts a run. @returns its ID. */
  run(what: RunOptions): Promise<string>;
  /** Starts a run, and waits until it has ended and released its stack. @returns its ID. */
  ran(what: RunOptions): Promise<string>;
  ended(id: string): Promise<void>;
  /** Opens a page, signed in. */
  visit(path: string, options?: Parameters<Browser['newContext']>[0]): Promise<Visit>;
  /** Cancels what runs, and leaves nothing behind. */
  close(): Promise<void>;
}

/** A branch next to main, of the same commit. */
export const branch = 'feature/mooring';

/** Tests that go as the environment of a run says: `FAIL` names the one that fails, `SLOW` the one that takes longer. */
const anchorTest = `
import assert from 'node:assert';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
for (const name of ['holds the line', 'drops the anchor', '<img src=x onerror=document.title="gone"> furls the sails']) {
  test(name, async () => {
    if (process.env.SLOW === name) await wait(700);
    assert.notEqual(process.env.FAIL, name);
  });
}`;

/** Runs {@link anchorTest}, for people and as JUnit XML. */
export const tests = {
  test_command:
    'FORCE_COLOR=1 node --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter=junit --test-reporter-destination=junit.xml',
  junit: ['junit.xml'],
  suite: 'unit',
};

/** @param seed puts into the store what was before the server starts. */
export async function openHarbour(seed?: (store: Store) => Promise<void>): Promise<Harbour> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-browser-'));
  const repository = await gitRepository(join(directory, 'repository'), { 'anchor.test.mjs': anchorTest });
  await promisify(execFile)('git', ['-C', repository.path, 'branch', branch]);
  if (seed !== undefined) await seedStore(join(directory, 'data', 'database'), seed);
  const server = await startServer(join(directory, 'data'));
  const browser = await headlessChromium();

  const ended = async (id: string): Promise<void> => {
    await eventually(
      `the end of ${id}`,
      async () => (await server.call('GET', `/workflow/${id}/status`)).body.status === 'STOPPED',
    );
    // Its stack is free a step later, and the next run would take another.
    await eventually(`${id} to hold no stack`, async () => {
      const { body } = await server.call('GET', '/listStacks');
      return !JSON.stringify(body).includes(`run:${id}`);
    });
  };
  const run: Harbour['run'] = async (what) => {
    const { body } = await server.call('POST', '/workflow/execute', {
      repo_url: repository.url,
      branch: repository.branch,
      sha: repository.sha,
      ...what,
    });
    return String(body.workflow_id);
  };
  return {
    server,
    repository,
    browser,
    run,
    ended,
    async ran(what) {
      const id = await run(what);
      await ended(id);
      return id;
    },
    async visit(path, options = {}) {
      const context = await visitor(browser, options);
      const page = await context.newPage();
      await watchLayout(page);
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(`${server.url}${path}#key=${server.apiKey}`);
      await page.getByRole('button', { name: 'Sign out' }).waitFor();
      return {
        page,
        complaints: () => complaints.filter((text) => !text.includes('401')),
        close: () => context.close(),
      };
    },
    async close() {
      await browser.close();
      const { body } = await server.call(
        'GET',
        '/workflow?state=queued&state=waiting&state=provisioning&state=running',
      );
      // The list is of workflows, as /openapi.json says.
      for (const { workflow_id: id } of body.workflows as { workflow_id: string }[]) {
        await server.call('DELETE', `/workflow/${id}`);
        await ended(id);
      }
      await server.stop();
      await removeDirectory(directory);
    },
  };
}

async function seedStore(directory: string, seed: (store: Store) => Promise<void>): Promise<void> {
  await mkdir(directory, { recursive: true });
  const database = await startEmbeddedDynamoDb({ directory });
  try {
    const store = createDynamoStore({ client: database.client, tableName: 'berth' });
    await store.prepare();
    await seed(store);
  } finally {
    await database.close();
  }
}
