import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import { startEventDrivenRun } from '../../../app/lambda/start-event-driven-run.ts';
import { parseAwsConfig } from '../../../app/wiring/config/aws-config.ts';
import { httpWorld } from '../http/http-world.ts';

const environment = {
  AWS_REGION: 'eu-central-1',
  BERTH_PUBLIC_URL: 'https://berth.example',
  BERTH_TABLE: 'berth',
  BERTH_BUCKET: 'berth-objects',
  BERTH_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/1/berth',
  BERTH_BATCH_JOB_QUEUE: 'berth',
  BERTH_BATCH_JOB_DEFINITION: 'berth',
  BERTH_EVENT_PROJECT: 'default',
  BERTH_EVENT_REPO_URL: 'https://git.example/shop.git',
  BERTH_EVENT_COMMAND: 'make test',
};
const id = runId('runId-test123');

async function specWith(change: Record<string, string>) {
  const { deps } = httpWorld();
  await startEventDrivenRun({ deps, config: parseAwsConfig({ ...environment, ...change }) }, id);
  return (await deps.store.runs.get(id))?.spec;
}

describe('an event-driven run', () => {
  it('has the size of the older job definition by default', async () => {
    expect(await specWith({})).toMatchObject({ cpuUnits: 512, memoryMib: 1024, timeoutSeconds: 300 });
  });

  it('has the size and the time limit of the configuration', async () => {
    const change = {
      BERTH_EVENT_VCPU: '2',
      BERTH_EVENT_MEMORY: '4096',
      BERTH_EVENT_TIMEOUT_SECONDS: '900',
    };
    expect(await specWith(change)).toMatchObject({ cpuUnits: 2048, memoryMib: 4096, timeoutSeconds: 900 });
  });

  it('needs no setup of the first project', async () => {
    expect(await specWith({ BERTH_PROJECT: 'default' })).toMatchObject({ command: 'make test' });
  });

  it('is refused for another project that does not exist', async () => {
    await expect(specWith({ BERTH_EVENT_PROJECT: 'missing' })).rejects.toMatchObject({
      code: 'project_not_found',
    });
  });
});
