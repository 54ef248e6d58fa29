import { describe, expect, it } from '@jest/globals';
import { consoleLogUrl } from '../../../../app/adapters/cloudwatch/console-log-url.ts';

describe('the link to a log in the console', () => {
  it.each([
    ['eu-central-1', 'https://eu-central-1.console.aws.amazon.com'],
    ['cn-north-1', 'https://cn-north-1.console.amazonaws.cn'],
    ['us-gov-west-1', 'https://us-gov-west-1.console.amazonaws-us-gov.com'],
  ])('in %s opens the console of that partition', (region, origin) => {
    expect(new URL(consoleLogUrl({ group: 'g', stream: 's', region })).origin).toBe(origin);
  });

  it('escapes names like the console', () => {
    const url = consoleLogUrl({ group: '/berth/runs', stream: 'run/[$a b]/1', region: 'us-east-1' });
    expect(url).toBe(
      'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1' +
        '#logsV2:log-groups/log-group/$252Fberth$252Fruns/log-events/run$252F$255B$2524a$2520b$255D$252F1',
    );
  });
});
