import { expect, it } from '@jest/globals';
import { createJobDefinitions } from '../../../../app/adapters/batch/job-definitions.ts';
import { submitJobInput } from '../../../../app/adapters/batch/submit-job-input.ts';
import { projectId, runId } from '../../../../app/core/model/ids.ts';
import { serviceDefaults } from '../../../../app/core/model/service.ts';
import type { LaunchRequest } from '../../../../app/ports/executor.ts';

const size = { cpuUnits: 1024, memoryMib: 2048 };

const settings = {
  region: 'us-east-1',
  installation: 'berth',
  jobQueue: 'berth',
  jobDefinition: 'berth',
  untrustedJobDefinition: 'berth-untrusted',
  projectJobDefinitions: new Map([['gh-1', 'berth-project-gh-1']]),
  logGroup: '/berth/berth/runs',
  bucket: 'berth',
  spot: false,
};

const definitionFor = createJobDefinitions({
  batch: {
    send: async () => {
      throw new Error('no call is necessary');
    },
  },
  clock: { now: () => new Date(0) },
  settings,
});

it('runs trusted code of a project with the job definition of its role', async () => {
  expect(await definitionFor({ projectId: projectId('gh-1'), untrusted: false, ...size })).toBe(
    'berth-project-gh-1',
  );
  expect(await definitionFor({ projectId: projectId('gh-2'), untrusted: false, ...size })).toBe('berth');
});

it('runs code from forks without a role in each project', async () => {
  expect(await definitionFor({ projectId: projectId('gh-1'), untrusted: true, ...size })).toBe(
    'berth-untrusted',
  );
});

it('runs services as containers of the same job, in a definition that is registered once', async () => {
  const calls: { readonly input: unknown }[] = [];
  const base = {
    jobDefinitionName: 'berth',
    jobDefinitionArn: 'arn:aws:batch:us-east-1:1:job-definition/berth:3',
    revision: 3,
    containerProperties: {
      image: 'runner:1',
      jobRoleArn: 'arn:aws:iam::1:role/job',
      executionRoleArn: 'arn:aws:iam::1:role/execution',
      networkConfiguration: { assignPublicIp: 'ENABLED' },
      resourceRequirements: [{ type: 'VCPU', value: '1' }],
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-stream-prefix': 'run' } },
    },
  };
  const batch = {
    // The two operations that a definition needs, as AWS answers them.
    send: async (command: { readonly input: Record<string, unknown> }) => {
      calls.push(command);
      const { jobDefinitionName: name } = command.input;
      if ('ecsProperties' in command.input) return { jobDefinitionArn: `arn:${String(name)}:1` };
      return { jobDefinitions: name === 'berth' ? [base] : [] };
    },
  };
  const request: LaunchRequest = {
    runId: runId('r'),
    projectId: projectId('gh-2'),
    launch: 1,
    jobUrl: 'https://objects.example/job',
    ...size,
    timeoutSeconds: 60,
    env: {},
    untrusted: false,
    services: [
      {
        ...serviceDefaults,
        name: 'db',
        image: 'registry.example/db:1',
        env: { A: 'b' },
        ports: [5432],
        credentials: 'secretsmanager:berth/secrets/shared/registry',
        registry: { username: 'me', password: 'hunter2' },
      },
    ],
  };
  // The client's type has an overload for each operation; the stand-in has two of them.
  const definitions = createJobDefinitions({
    batch: batch as never,
    clock: { now: () => new Date(0) },
    settings,
  });
  const name = await definitions(request);
  expect(await definitions(request)).toBe(name);
  expect(name).toMatch(/^arn:berth-image-services-[0-9a-f]{16}:1$/);
  expect(calls).toHaveLength(3);
  expect(JSON.stringify(calls)).not.toContain('hunter2');
  expect(calls[2]?.input).toMatchObject({
    platformCapabilities: ['FARGATE'],
    ecsProperties: {
      taskProperties: [
        {
          taskRoleArn: 'arn:aws:iam::1:role/job',
          executionRoleArn: 'arn:aws:iam::1:role/execution',
          networkConfiguration: { assignPublicIp: 'ENABLED' },
          containers: [
            {
              name: 'runner',
              image: 'runner:1',
              essential: true,
              dependsOn: [{ containerName: 'service-db', condition: 'START' }],
            },
            {
              name: 'service-db',
              image: 'registry.example/db:1',
              essential: false,
              environment: [{ name: 'A', value: 'b' }],
              repositoryCredentials: { credentialsParameter: 'berth/secrets/shared/registry' },
              resourceRequirements: [
                { type: 'VCPU', value: '0.5' },
                { type: 'MEMORY', value: '1024' },
              ],
              logConfiguration: { options: { 'awslogs-stream-prefix': 'run' } },
            },
          ],
        },
      ],
    },
  });
  // Together they are a size that Fargate has: 2 vCPUs and 4 GiB.
  expect(submitJobInput(request, settings, name)).toMatchObject({
    jobDefinition: name,
    ecsPropertiesOverride: {
      taskProperties: [
        {
          containers: [
            {
              name: 'runner',
              environment: expect.arrayContaining([{ name: 'BERTH_JOB_URL', value: request.jobUrl }]),
              resourceRequirements: [
                { type: 'VCPU', value: '1.5' },
                { type: 'MEMORY', value: '3072' },
              ],
            },
          ],
        },
      ],
    },
  });
});
