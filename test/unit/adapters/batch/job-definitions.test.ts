import { expect, it } from '@jest/globals';
import { createJobDefinitions } from '../../../../app/adapters/batch/job-definitions.ts';
import { projectId } from '../../../../app/core/model/ids.ts';

const definitionFor = createJobDefinitions({
  batch: {
    send: async () => {
      throw new Error('no call is necessary');
    },
  },
  clock: { now: () => new Date(0) },
  settings: {
    region: 'us-east-1',
    installation: 'berth',
    jobQueue: 'berth',
    jobDefinition: 'berth',
    untrustedJobDefinition: 'berth-untrusted',
    projectJobDefinitions: new Map([['gh-1', 'berth-project-gh-1']]),
    logGroup: '/berth/berth/runs',
    bucket: 'berth',
    spot: false,
  },
});

it('runs trusted code of a project with the job definition of its role', async () => {
  expect(await definitionFor({ projectId: projectId('gh-1'), untrusted: false })).toBe('berth-project-gh-1');
  expect(await definitionFor({ projectId: projectId('gh-2'), untrusted: false })).toBe('berth');
});

it('runs code from forks without a role in each project', async () => {
  expect(await definitionFor({ projectId: projectId('gh-1'), untrusted: true })).toBe('berth-untrusted');
});
