import { durationText } from '../../lib/format.ts';
import { cutToBytes, inlineCode, prose } from '../../lib/markdown.ts';
import type { Run } from '../model/run.ts';

/** What the check of a teardown says: never that a test failed, always what became of the stack. */

export function teardownHeadline(run: Run): string {
  const stack = stackNameOf(run);
  switch (run.state) {
    case 'queued':
    case 'waiting':
    case 'provisioning':
      return `About to tear down ${stack}`;
    case 'running':
      return `Tearing down ${stack}`;
    case 'succeeded':
      return `${stack} was torn down`;
    case 'timed_out':
      return `Teardown not done after ${durationText(run.spec.timeoutSeconds)}; ${stack} is given back all the same`;
    case 'cancelled':
      return `Teardown cancelled; ${stack} is given back all the same`;
    default:
      return `Teardown failed; ${stack} is given back all the same`;
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
      return `This branch no longer needs ${stack}. The suite’s ${inlineCode('teardown')} command runs on it now; the stack goes to the next branch when it has ended.`;
    case 'succeeded':
      return `The suite’s ${inlineCode('teardown')} command has run on ${stack}, which can go to the next branch.`;
    default:
      return `**${because}** This says nothing about the change. ${stack} was given back all the same, so what the tests left there may be there still: the log says how far the teardown came. The next branch’s ${inlineCode('setup')} should be able to begin on it.`;
  }
}

function stackNameOf(run: Run): string {
  return run.held?.stackName ?? run.spec.stack?.name ?? 'the stack';
}
