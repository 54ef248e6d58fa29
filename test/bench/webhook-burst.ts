import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBerthProcess, startBerthProcess } from '../helpers/crashing-berth.ts';
import { signWebhook } from '../helpers/github-stand-in/app-identity.ts';
import { startGithubStandIn } from '../helpers/github-stand-in/start-github-stand-in.ts';
import type { DeliveryState } from '../helpers/github-stand-in/state.ts';

/**
 * How long GitHub waits for the answers to a burst of events: 500 at the same time, a fifth of them doubled, in a mixed
 * order, to a server that has only just begun. `npm run bench:webhook-burst`, with a count of rounds.
 */

const branches = 100;
const rounds = Number(process.argv[2] ?? 5);
const clockTicksPerSecond = 100;

await buildBerthProcess();
const all: number[] = [];
for (let round = 1; round <= rounds; round += 1) {
  const { seconds, cpuSeconds, wallSeconds } = await burst();
  all.push(...seconds);
  const told = `${percentiles(seconds)}; all answered after ${wallSeconds.toFixed(2)} s, ${((1000 * cpuSeconds) / seconds.length).toFixed(2)} ms of processor an answer`;
  process.stdout.write(`round ${round}: ${told}\n`);
}
process.stdout.write(`all ${all.length}: ${percentiles(all)}\n`);

async function burst() {
  const github = await startGithubStandIn();
  const dataDir = await mkdtemp(join(tmpdir(), 'berth-burst-'));
  const files = { '.github/berth.yml': 'stack: false\nsuites: { unit: { command: "true" } }\n' };
  const repository = await github.addRepository({ name: 'shop', files });
  for (let number = 1; number <= branches; number += 1) {
    for (const text of ['first', 'second'])
      await github.people.push(repository, `topic-${number}`, { 'a.txt': `${text} of ${number}` });
  }
  const events = github.state.deliveries.slice();
  for (const delivery of events) delivery.statusCode = 202;
  const doubled = events.filter((_, index) => index % 4 === 0);
  const mixed = [...events, ...doubled]
    .map((delivery, index) => ({ delivery, key: (index * 7919) % 1009 }))
    .sort((a, b) => a.key - b.key)
    .map(({ delivery }) => ({
      delivery,
      signature: signWebhook(delivery.body, github.identity.webhookSecret),
    }));
  const berth = await startBerthProcess(github, dataDir);
  try {
    const cpuBefore = processorSeconds(berth.pid);
    const began = performance.now();
    const seconds = await Promise.all(
      mixed.map(({ delivery, signature }) => send(berth.url, delivery, signature)),
    );
    const wallSeconds = (performance.now() - began) / 1000;
    return { seconds, wallSeconds, cpuSeconds: processorSeconds(berth.pid) - cpuBefore };
  } finally {
    await berth.stop();
    await github.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function send(url: string, delivery: DeliveryState, signature: string): Promise<number> {
  const began = performance.now();
  const response = await fetch(`${url}/api/github/webhooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-delivery': delivery.guid,
      'x-github-event': delivery.event,
      'x-hub-signature-256': signature,
    },
    body: delivery.body,
  });
  await response.arrayBuffer();
  if (response.status !== 202) throw new Error(`answered ${response.status}`);
  return (performance.now() - began) / 1000;
}

/** User and system time, from /proc: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
}

function percentiles(seconds: readonly number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(2);
  return `median ${at(0.5)} s, 90% ${at(0.9)} s, 99% ${at(0.99)} s, slowest ${at(1)} s`;
}
