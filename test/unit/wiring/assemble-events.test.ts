import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import { assembleEvents } from '../../../app/wiring/assemble-events.ts';
import { anEndedRun } from '../../helpers/a-run.ts';
import { world } from '../../helpers/memory-deps.ts';

it('sends the messages about a suite in their order, even if the first has to be repeated', async () => {
  const texts: string[] = [];
  let second: Promise<void> | undefined;
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const [word] = /failed|passes again/.exec(Buffer.concat(chunks).toString()) ?? [];
    texts.push(word ?? '');
    if (texts.length === 1)
      second = events.publish({ type: 'RunFinished', run: await ended('succeeded', 2) });
    outgoing.writeHead(texts.length === 1 ? 503 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The server listens, so its address is neither null nor the path of a socket.
  const { port } = server.address() as AddressInfo;
  const w = world();
  const project = await w.project({}, 'shop');
  const events = assembleEvents(
    { publish: async () => {} },
    { slackUrl: `http://127.0.0.1:${port}/`, notices: {} },
    { ...w.deps, ids: { unique: () => 'id', random: () => 0 }, longestWaitMs: 1_000 },
  );
  const ended = async (state: 'failed' | 'succeeded', minute: number) => {
    const id = runId(`run${minute}`);
    const createdAt = new Date(Date.UTC(2026, 10, 2, 10, minute));
    const run = anEndedRun(state, {}, { id, projectId: project.id, createdAt }, { branch: 'main' });
    await w.deps.store.runs.create(run);
    return run;
  };
  await events.publish({ type: 'RunFinished', run: await ended('failed', 1) });
  await second;
  server.close();
  expect(texts).toEqual(['failed', 'failed', 'passes again']);
});
