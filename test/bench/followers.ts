import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitRepository } from '../helpers/git-repository.ts';
import { processorSeconds } from '../helpers/processor-seconds.ts';
import { type ServerProcess, startServer } from '../helpers/server-process.ts';

/**
 * Measures the CPU time of the server during one log of a fixed length, with no, one and
 * fifty following it, and with fifty open overviews. `npm run bench:followers`, or `-- none overviews` for some of it.
 */
const lines = { batches: 200, ofEach: 300, pauseSeconds: 0.1 };
const command = `for batch in $(seq ${lines.batches}); do
  seq -f "container %.0f lifted from the ship to the quay, weighed, and noted in the book" ${lines.ofEach}
  sleep ${lines.pauseSeconds}
done`;

interface Measured {
  readonly name: string;
  readonly processorSeconds: number;
  readonly wallSeconds: number;
  readonly linesReceived: number;
}

type Watch = (server: ServerProcess, id: string, until: AbortSignal) => Promise<number>;

/** Runs that were before, so that the list of an overview is full. */
const earlierRuns = 100;
const atOnce = 10;

async function measure(name: string, watchers: number, watch: Watch, earlier = 0): Promise<Measured> {
  const directory = join(tmpdir(), `berth-bench-${process.pid}`);
  const repository = await gitRepository(join(directory, 'repository'), { 'README.md': '# bench\n' });
  const server = await startServer(join(directory, 'data'));
  try {
    await runEarlier(server, repository.url, earlier);
    const begun = performance.now();
    const { own: before } = await processorSeconds(server.pid);
    const body = { repo_url: repository.url, branch: 'main', test_command: command };
    const { workflow_id: id } = await ask(server, 'POST', '/workflow/execute', body);
    const over = new AbortController();
    const watching = Promise.all(
      Array.from({ length: watchers }, () => watch(server, String(id), over.signal)),
    );
    while ((await ask(server, 'GET', `/workflow/${id}/status`)).status !== 'STOPPED') await pause(1000);
    over.abort();
    const received = await watching;
    return {
      name,
      processorSeconds: (await processorSeconds(server.pid)).own - before,
      wallSeconds: (performance.now() - begun) / 1000,
      linesReceived: received.reduce((sum, count) => sum + count, 0),
    };
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function runEarlier(server: ServerProcess, repository: string, count: number): Promise<void> {
  const body = { repo_url: repository, branch: 'main', test_command: 'true', stack: false };
  for (let begun = 0; begun < count; begun += atOnce) {
    const started = Array.from({ length: atOnce }, () => ask(server, 'POST', '/workflow/execute', body));
    for (const { workflow_id: id } of await Promise.all(started)) {
      while ((await ask(server, 'GET', `/workflow/${id}/status`)).status !== 'STOPPED') await pause(200);
    }
  }
}

const ask = async (server: ServerProcess, ...call: Parameters<ServerProcess['call']>) =>
  (await server.call(...call)).body;

/** Follows a log like an EventSource. @returns the number of lines. */
const follow: Watch = async ({ url, apiKey }, id) => {
  const response = await fetch(`${url}/workflow/${id}/logs`, {
    headers: { 'x-api-key': apiKey, accept: 'text/event-stream' },
  });
  const decoder = new TextDecoder();
  let count = 0;
  let rest = '';
  for await (const chunk of response.body ?? []) {
    const events = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      if (event.startsWith('event: log')) count += event.split('"text":').length - 1;
      if (event.startsWith('event: end')) return count;
    }
  }
  return count;
};

/** Polls like an open overview: every two seconds, less often without changes, and conditionally. */
const lookAtOverview: Watch = async (server, _id, until) => {
  const paths = ['/listStacks', '/line', '/workflow?limit=100'];
  await Promise.all(paths.map((path) => keepLookingAt(server, path, until)));
  return 0;
};

async function keepLookingAt(
  { url, apiKey }: ServerProcess,
  path: string,
  until: AbortSignal,
): Promise<void> {
  let etag = '';
  let unchanged = 0;
  while (!until.aborted) {
    const response = await fetch(url + path, {
      headers: {
        'x-api-key': apiKey,
        ...(etag === '' ? {} : { 'if-none-match': etag, 'cache-control': 'max-age=1' }),
      },
    });
    await response.arrayBuffer();
    unchanged = response.status === 304 ? unchanged + 1 : 0;
    etag = response.headers.get('etag') ?? '';
    await pause(2000 * Math.min(1 + Math.floor(unchanged / 5), 3));
  }
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const noViewer: Watch = async () => 0;
const all: Readonly<Record<string, () => Promise<Measured>>> = {
  none: () => measure('none', 0, noViewer),
  follower: () => measure('1 follower', 1, follow),
  followers: () => measure('50 followers', 50, follow),
  overviews: () => measure(`50 overviews, ${earlierRuns} runs in each`, 50, lookAtOverview, earlierRuns),
};
const asked = process.argv.slice(2);
const rounds: Measured[] = [];
for (const [name, round] of Object.entries(all)) {
  if (asked.length === 0 || asked.includes(name)) rounds.push(await round());
}
const total = lines.batches * lines.ofEach;
console.log(
  `${process.version}, a log of ${total.toLocaleString('en')} lines over some ${lines.batches * lines.pauseSeconds} s\n`,
);
console.log(
  '| who looks on | processor, s | wall, s | share of one core | lines delivered |\n|---|---:|---:|---:|---:|',
);
for (const { name, processorSeconds: used, wallSeconds, linesReceived } of rounds) {
  const share = `${Math.round((100 * used) / wallSeconds)} %`;
  const cells = [name, used.toFixed(1), wallSeconds.toFixed(1), share, linesReceived.toLocaleString('en')];
  console.log(`| ${cells.join(' | ')} |`);
}
