import type { IamRequest } from './policy-simulator.ts';

/**
 * Actions on the key that encrypts a table, an object or a message, which the service calls with the permissions of its caller:
 *
 * - https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 * - https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 * - https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
 *
 * CloudWatch Logs and EventBridge use a key as services, so that its own policy allows them. A table is encrypted as a whole:
 * DynamoDB requires the same of each call.
 */
const actions: Readonly<Record<string, readonly string[]>> = {
  dynamodb: [
    'Decrypt',
    'DescribeKey',
    'Encrypt',
    'GenerateDataKey',
    'GenerateDataKeyWithoutPlaintext',
    'ReEncryptFrom',
    'ReEncryptTo',
  ],
  's3:GetObject': ['Decrypt'],
  's3:PutObject': ['GenerateDataKey'],
  'sqs:SendMessage': ['Decrypt', 'GenerateDataKey'],
  'sqs:ReceiveMessage': ['Decrypt'],
  'secretsmanager:GetSecretValue': ['Decrypt'],
  'ssm:GetParameters': ['Decrypt'],
};

/** Returns what IAM decides about the key of the stored data for a call. */
export function keyRequestsOf({ action }: IamRequest, key: string): readonly IamRequest[] {
  const [service = ''] = action.split(':');
  const [, , , region] = key.split(':');
  const context = { 'kms:ViaService': `${service}.${region}.amazonaws.com` };
  return (actions[action] ?? actions[service] ?? []).map((each) => ({
    action: `kms:${each}`,
    resource: key,
    context,
  }));
}
