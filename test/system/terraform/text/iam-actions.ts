/**
 * Actions on the key of a table that DynamoDB requires, if it is not a key of AWS.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
const keyOfTable = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/**
 * The permissions that each call requires. Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/ and,
 * where a line says so, the page of the operation.
 */
export const actionsOfCalls: Readonly<Record<string, readonly string[]>> = {
  'batch:DescribeJobDefinitions': ['batch:DescribeJobDefinitions'],
  'batch:DescribeJobs': ['batch:DescribeJobs'],
  'batch:ListJobs': ['batch:ListJobs'],
  // Jobs and job definitions are tagged when they are created. The roles of their tasks are passed.
  'batch:RegisterJobDefinition': ['batch:RegisterJobDefinition', 'batch:TagResource', 'iam:PassRole'],
  'batch:SubmitJob': ['batch:SubmitJob', 'batch:TagResource'],
  'batch:TerminateJob': ['batch:TerminateJob'],
  'cloudwatch-logs:GetLogEvents': ['logs:GetLogEvents'],
  'dynamodb:BatchGetItem': ['dynamodb:BatchGetItem', ...keyOfTable],
  'dynamodb:DeleteItem': ['dynamodb:DeleteItem', ...keyOfTable],
  'dynamodb:GetItem': ['dynamodb:GetItem', ...keyOfTable],
  'dynamodb:PutItem': ['dynamodb:PutItem', ...keyOfTable],
  'dynamodb:Query': ['dynamodb:Query', ...keyOfTable],
  'dynamodb:UpdateItem': ['dynamodb:UpdateItem', ...keyOfTable],
  'ec2:DescribeRouteTables': ['ec2:DescribeRouteTables'],
  'ec2:DescribeSecurityGroups': ['ec2:DescribeSecurityGroups'],
  'ec2:DescribeSubnets': ['ec2:DescribeSubnets'],
  'ecs:DescribeTaskDefinition': ['ecs:DescribeTaskDefinition'],
  'ecs:DescribeTasks': ['ecs:DescribeTasks'],
  'ecs:ListTasks': ['ecs:ListTasks'],
  'ecs:RegisterTaskDefinition': ['ecs:RegisterTaskDefinition', 'ecs:TagResource', 'iam:PassRole'],
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
  'ecs:RunTask': ['ecs:RunTask', 'ecs:TagResource', 'iam:PassRole'],
  'ecs:StopTask': ['ecs:StopTask'],
  'eventbridge:PutEvents': ['events:PutEvents'],
  's3:DeleteObject': ['s3:DeleteObject'],
  // Without s3:ListBucket, a missing object is a 403: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
  's3:GetObject': ['s3:GetObject', 's3:ListBucket', 'kms:Decrypt'],
  's3:PutObject': ['s3:PutObject', 'kms:GenerateDataKey'],
  'secrets-manager:GetSecretValue': ['secretsmanager:GetSecretValue', 'kms:Decrypt'],
  'service-quotas:GetAWSDefaultServiceQuota': ['servicequotas:GetAWSDefaultServiceQuota'],
  'service-quotas:GetServiceQuota': ['servicequotas:GetServiceQuota'],
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
  'sqs:SendMessage': ['sqs:SendMessage', 'kms:GenerateDataKey', 'kms:Decrypt'],
  // The session has tags.
  'sts:AssumeRole': ['sts:AssumeRole', 'sts:TagSession'],
  'ssm:GetParameters': ['ssm:GetParameters', 'kms:Decrypt'],
};

/** The permissions that Lambda uses for a function. */
export const actionsOfLambda = {
  /** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html */
  ofQueue: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
  /** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html */
  ofEnvironment: ['kms:Decrypt'],
  ofAll: [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
    'logs:CreateLogStream',
    'logs:PutLogEvents',
    'xray:PutTelemetryRecords',
    'xray:PutTraceSegments',
  ],
} as const;

/** Actions without resource-level permissions, from the same reference. */
export const actionsWithoutResources: ReadonlySet<string> = new Set([
  'batch:DescribeJobDefinitions',
  'batch:DescribeJobs',
  'batch:ListJobs',
  'ec2:DescribeAccountAttributes',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeRouteTables',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ecr:GetAuthorizationToken',
  'ecs:DescribeTaskDefinition',
  // Its resource is a container instance, which Fargate does not have. A condition limits the cluster.
  'ecs:ListTasks',
  // Only requests for an increase have a resource.
  'servicequotas:GetAWSDefaultServiceQuota',
  'servicequotas:GetServiceQuota',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
  // Lambda checks these before an interface exists: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:UnassignPrivateIpAddresses',
]);
