import type { DynamoApi } from '../../../../app/adapters/dynamodb/dynamo-api.ts';

export interface CountingApi extends DynamoApi {
  reset(): void;
  /** Calls since the reset. Those that were in progress at the same time make one round trip. */
  count(): { roundTrips: number; calls: Record<string, number> };
}

export function countingApi(api: DynamoApi): CountingApi {
  let calls: Record<string, number> = {};
  let roundTrips = 0;
  let underWay = 0;
  const counting = <Input, Output>(name: string, call: (input: Input) => Promise<Output>) => {
    return async (input: Input): Promise<Output> => {
      calls[name] = (calls[name] ?? 0) + 1;
      if (underWay === 0) roundTrips += 1;
      underWay += 1;
      try {
        return await call(input);
      } finally {
        underWay -= 1;
      }
    };
  };
  return {
    getItem: counting('getItem', api.getItem),
    batchGetItem: counting('batchGetItem', api.batchGetItem),
    putItem: counting('putItem', api.putItem),
    updateItem: counting('updateItem', api.updateItem),
    deleteItem: counting('deleteItem', api.deleteItem),
    query: counting('query', api.query),
    createTable: counting('createTable', api.createTable),
    describeTable: counting('describeTable', api.describeTable),
    reset() {
      calls = {};
      roundTrips = 0;
    },
    count: () => ({ roundTrips, calls }),
  };
}
