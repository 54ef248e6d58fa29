import type {
  AttributeValue,
  BatchGetItemCommandInput,
  CreateTableCommandInput,
  DeleteItemCommandInput,
  DescribeTableCommandInput,
  GetItemCommandInput,
  KeysAndAttributes,
  PutItemCommandInput,
  QueryCommandInput,
  TableDescription,
  UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';

type Attributes = Record<string, AttributeValue>;

/** The operations of DynamoDB that the store uses. The AWS SDK's `DynamoDB` is one; the embedded database another. */
export interface DynamoApi {
  getItem(input: GetItemCommandInput): Promise<{ Item?: Attributes | undefined }>;
  batchGetItem(input: BatchGetItemCommandInput): Promise<{
    Responses?: Record<string, Attributes[]> | undefined;
    UnprocessedKeys?: Record<string, KeysAndAttributes> | undefined;
  }>;
  putItem(input: PutItemCommandInput): Promise<unknown>;
  updateItem(input: UpdateItemCommandInput): Promise<{ Attributes?: Attributes | undefined }>;
  deleteItem(input: DeleteItemCommandInput): Promise<unknown>;
  query(input: QueryCommandInput): Promise<{
    Items?: Attributes[] | undefined;
    Count?: number | undefined;
    LastEvaluatedKey?: Attributes | undefined;
  }>;
  createTable(input: CreateTableCommandInput): Promise<unknown>;
  describeTable(input: DescribeTableCommandInput): Promise<{ Table?: TableDescription | undefined }>;
}

/** Errors of DynamoDB go by their names: the embedded database has no classes for them. */
export function isNamed(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name;
}
