import { randomUUID } from 'node:crypto';
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from '@jest/globals';
import { eventBridgeEvents } from '../../../app/adapters/events/eventbridge-events.ts';
import { readAwsSecrets } from '../../../app/adapters/secrets/read-aws-secrets.ts';
import type { SecretReference } from '../../../app/adapters/secrets/secret-reference.ts';
import { managedSecrets } from '../../../app/adapters/secrets/secrets-manager.ts';
import { ssmParameters } from '../../../app/adapters/secrets/ssm-parameters.ts';
import { anEndedRun } from '../../helpers/a-run.ts';
import { eventually } from '../../helpers/eventually.ts';
import { clientOptions } from './moto.ts';

describe("Berth's events on EventBridge", () => {
  const client = new EventBridgeClient(clientOptions());
  const sqs = new SQSClient(clientOptions());
  const clock = { now: () => new Date() };

  it('reach a rule that matches the source and the type', async () => {
    const name = `berth-${randomUUID()}`;
    await client.send(new CreateEventBusCommand({ Name: name }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
    );
    const EventPattern = JSON.stringify({ source: ['berth'], 'detail-type': ['RunFinished'] });
    await client.send(new PutRuleCommand({ Name: name, EventBusName: name, EventPattern }));
    const Targets = [{ Id: 'queue', Arn: Attributes?.QueueArn }];
    await client.send(new PutTargetsCommand({ Rule: name, EventBusName: name, Targets }));

    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const events = eventBridgeEvents({ client, bus: name, clock, log });
    await events.publish({ type: 'RunStarted', run: anEndedRun('failed', {}) });
    await events.publish({ type: 'RunFinished', run: anEndedRun('failed', {}) });

    const body = await eventually('the event', async () => {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      return Messages?.[0]?.Body;
    });
    expect(JSON.parse(body)).toMatchObject({
      source: 'berth',
      'detail-type': 'RunFinished',
      detail: { runId: '01RUN', state: 'failed', branch: 'topic' },
    });
  });

  it('never stand in the way of a run', async () => {
    const broken = new EventBridgeClient(clientOptions('http://127.0.0.1:9', { maxAttempts: 2 }));
    const warnings: string[] = [];
    const log = {
      info: () => {},
      warn: (_: unknown, message: string) => warnings.push(message),
      error: () => {},
    };
    const events = eventBridgeEvents({ client: broken, bus: 'default', clock, log });
    await events.publish({ type: 'RunFinished', run: anEndedRun('failed', {}) });
    expect(warnings).toEqual(['an event could not be sent to EventBridge']);
  });
});

describe('secrets on AWS', () => {
  it('are read from SSM, ten at the same time and more, and from Secrets Manager; what is missing is absent', async () => {
    const ssm = new SSMClient(clientOptions());
    const secretsManager = new SecretsManagerClient(clientOptions());
    const folder = `/berth/${randomUUID()}`;
    const names = Array.from({ length: 12 }, (_, index) => `${folder}/${index}`);
    for (const Name of names) {
      await ssm.send(new PutParameterCommand({ Name, Value: `value of ${Name}`, Type: 'SecureString' }));
    }
    const secretName = `berth/${randomUUID()}`;
    await secretsManager.send(new CreateSecretCommand({ Name: secretName, SecretString: 'hush' }));

    const reference = (service: SecretReference['service'], id: string) => ({ service, id, name: id });
    const arn = `arn:aws:ssm:us-east-1:123456789012:parameter${names[0]}`;
    const found = await readAwsSecrets({
      ssm: ssmParameters(ssm),
      secretsmanager: managedSecrets(secretsManager),
    })([
      ...names.map((name) => reference('ssm', name)),
      reference('ssm', `${folder}/missing`),
      reference('ssm', arn),
      reference('secretsmanager', secretName),
      reference('secretsmanager', `${secretName}-missing`),
    ]);
    expect(found).toEqual(
      new Map([
        ...names.map((name): [string, string] => [name, `value of ${name}`]),
        [arn, `value of ${names[0]}`],
        [secretName, 'hush'],
      ]),
    );
  });
});
