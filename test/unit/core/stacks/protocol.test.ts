import { describe, expect, it } from '@jest/globals';
import { playDeploys } from '../../../explore/deploy-protocol.ts';
import { explore } from '../../../explore/play.ts';
import { playProtocol } from '../../../explore/protocol.ts';
import { playTeardown } from '../../../explore/teardown-protocol.ts';
import { cases } from '../../../helpers/cases.ts';

describe('the protocol of hold, launch, cancel and release', () => {
  // `npm run explore` adds a crash at every step.
  const preemptions = cases(1) > 1 ? 2 : 1;
  it(`holds in every schedule with ${preemptions} preemptions`, async () => {
    expect(await explore({ preemptions, crashes: 0 }, playProtocol)).toBeGreaterThan(10);
  });
});

describe('the protocol of a teardown that fails', () => {
  const crashes = cases(1) > 1 ? 1 : 0;
  it(`holds in every schedule with a preemption and ${crashes} crashes`, async () => {
    expect(await explore({ preemptions: 1, crashes }, playTeardown)).toBeGreaterThan(10);
  });
});

describe('the protocol of deployments', () => {
  const crashes = cases(1) > 1 ? 1 : 0;
  it(`holds in every schedule with a preemption and ${crashes} crashes`, async () => {
    expect(await explore({ preemptions: 1, crashes }, playDeploys)).toBeGreaterThan(10);
  });
});
