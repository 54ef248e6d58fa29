import { describe, expect, it } from '@jest/globals';
import { explore } from '../../../explore/play.ts';
import { playProtocol } from '../../../explore/protocol.ts';
import { cases } from '../../../helpers/cases.ts';

describe('the protocol of hold, launch, cancel and release', () => {
  // `npm run explore` adds a crash at every step.
  const preemptions = cases(1) > 1 ? 2 : 1;
  it(`holds in every schedule with ${preemptions} preemptions`, async () => {
    expect(await explore({ preemptions, crashes: 0 }, playProtocol)).toBeGreaterThan(10);
  });
});
