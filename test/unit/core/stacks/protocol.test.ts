import { describe, expect, it } from '@jest/globals';
import { explore } from '../../../explore/play.ts';
import { playProtocol } from '../../../explore/protocol.ts';

describe('the protocol of hold, launch, cancel and release', () => {
  it('holds in every schedule with two preemptions (npm run explore adds a crash at every step)', async () => {
    expect(await explore({ preemptions: 2, crashes: 0 }, playProtocol)).toBeGreaterThan(100);
  });
});
