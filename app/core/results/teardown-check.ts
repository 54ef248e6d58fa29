import { durationText } from '../../lib/format.ts';
import { cutToBytes, inlineCode, prose } from '../../lib/markdown.ts';
import type { Run } from '../model/run.ts';

/** Writes the texts of a teardown's check: what happened to the stack, never that a test failed. */

export function teardownHeadline(run: Run): string {
  const stack = stackNameOf(run);
  switch (run.state) {
    case 'queued':
    case 'waiting':
    case 'provisioning':
      return `Starting the teardown of ${stack}`;
    case 'running':
      return `Tearing down ${stack}`;
    case 'succeeded':
      return `${stack} was torn down`;
    case 'timed_out':
      return `Teardown timed out after ${durationText(run.spec.timeoutSeconds)}; ${consequence(run, stack)}`;
    case 'cancelled':
      return `Teardown canceled; ${consequence(run, stack)}`;
    default:
      return `Teardown failed; ${consequence(run, stack)}`;
  }
}

export function teardownStory(run: Run): string {
  const stack = inlineCode(stackNameOf(run));
  const because = prose(cutToBytes(run.outcome?.summary ?? '', 3_000));
  switch (run.state) {
    case 'queued':
    case 'waiting':
    case 'provisioning':
    case 'running':
      return `This branch no longer needs ${stack}. The ${inlineCode('teardown')} command of the suite runs on it now. Then the stack goes to the next branch.`;
    case 'succeeded':
      return `The ${inlineCode('teardown')} command of the suite ran on ${stack}. The stack is free for the next branch.`;
    default:
      return `**${because}** This is not a problem of the change. ${
        isReleased(run)
          ? `Berth released ${stack} anyway, as the settings say, so resources of the tests may still be on it.`
          : `${stack} is dirty: no branch gets it before a teardown succeeds or a person cleans it. Berth retries the teardown. Comment ${inlineCode('/release force')} to mark the stack as clean.`
      } The log shows how far the teardown got.`;
  }
}

function isReleased({ spec }: Run): boolean {
  return spec.teardownOptions?.onFailure === 'release';
}

function consequence(run: Run, stack: string): string {
  return isReleased(run) ? `${stack} was released anyway` : `${stack} is dirty`;
}

function stackNameOf(run: Run): string {
  return run.held?.stackName ?? run.spec.stack?.name ?? 'the stack';
}
