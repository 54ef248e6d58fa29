import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import * as core from '@actions/core';
import type { Host } from './host.ts';
import { plainLine } from './plain-line.ts';

/** The runner of GitHub Actions, through @actions/core. */
export const actionsHost: Host = {
  async print(text) {
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
  },
  info: (line) => core.info(plainLine(line)),
  warning: (message) => core.warning(message, { title: 'Berth' }),
  fail: (message) => core.setFailed(message),
  annotate: (message, place) => core.error(message, place),
  startGroup: core.startGroup,
  endGroup: core.endGroup,
  setOutput: core.setOutput,
  exportVariable: core.exportVariable,
  saveState: core.saveState,
  async appendSummary(markdown) {
    await core.summary.addRaw(markdown, true).write();
  },
  now: Date.now,
  async pause(milliseconds, signal) {
    // The caller checks the signal; an earlier end of the pause is not an error.
    await delay(milliseconds, undefined, { signal }).catch(() => undefined);
  },
  secret: () => randomBytes(24).toString('hex'),
  random: Math.random,
};
