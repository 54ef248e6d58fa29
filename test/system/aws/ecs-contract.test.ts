import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient, TagResourceCommand } from '@aws-sdk/client-ecs';
import { createEcsExecutor } from '../../../app/adapters/fargate/fargate-executor.ts';
import { describeExecutor } from '../../contract/executor.ts';
import { startFaultProxy } from '../../helpers/fault-proxy.ts';
import { clientOptions, makeEcs, motoUrl } from './moto.ts';

// Through the proxy, which completes what moto leaves out of AWS's answers (client tokens, times, stop codes).
describeExecutor(
  'fargate',
  async () => {
    const proxy = await startFaultProxy({ target: motoUrl });
    const settings = await makeEcs();
    const make = () =>
      createEcsExecutor({
        // No failures are injected here, and a busy machine is not a failure.
        ecs: new ECSClient(clientOptions(proxy.url, { timeoutMs: 60_000 })),
        ec2: new EC2Client(clientOptions(proxy.url, { timeoutMs: 60_000 })),
        settings,
        clock: { now: () => new Date() },
        random: Math.random,
        sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
      });
    return {
      executor: make(),
      restarted: async () => make(),
      jobUrl: async (id, command) =>
        `https://objects.example/${id}/job.json?command=${encodeURIComponent(command)}`,
      keep: async ({ arn: resourceArn }) => {
        const tags = [{ key: 'berth:keep', value: '' }];
        await new ECSClient(clientOptions()).send(new TagResourceCommand({ resourceArn, tags }));
      },
      unknownTask: {
        executor: 'fargate',
        arn: `arn:aws:ecs:us-east-1:123456789012:task/${settings.cluster}/ffffffffffffffffffffffffffffffff`,
      },
      close: () => proxy.close(),
    };
  },
  { launchesOnceInRace: true },
);
