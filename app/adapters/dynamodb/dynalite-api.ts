import { promisify } from 'node:util';
import batchGetItem from 'dynalite/actions/batchGetItem.js';
import createTable from 'dynalite/actions/createTable.js';
import deleteItem from 'dynalite/actions/deleteItem.js';
import describeTable from 'dynalite/actions/describeTable.js';
import getItem from 'dynalite/actions/getItem.js';
import putItem from 'dynalite/actions/putItem.js';
import query from 'dynalite/actions/query.js';
import updateItem from 'dynalite/actions/updateItem.js';
import conditionParser from 'dynalite/db/conditionParser.js';
import type { Action } from 'dynalite/db/index.js';
import updateParser from 'dynalite/db/updateParser.js';
import * as batchGetItemRules from 'dynalite/validations/batchGetItem.js';
import * as createTableRules from 'dynalite/validations/createTable.js';
import * as deleteItemRules from 'dynalite/validations/deleteItem.js';
import * as describeTableRules from 'dynalite/validations/describeTable.js';
import * as getItemRules from 'dynalite/validations/getItem.js';
import validations, { type Rules } from 'dynalite/validations/index.js';
import * as putItemRules from 'dynalite/validations/putItem.js';
import * as queryRules from 'dynalite/validations/query.js';
import * as updateItemRules from 'dynalite/validations/updateItem.js';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { DynaliteStore } from './dynalite-store.ts';
import type { DynamoApi } from './dynamo-api.ts';
import { rememberExpressions } from './remember-expressions.ts';

for (const parser of [conditionParser, updateParser]) rememberExpressions(parser);

/**
 * Runs DynamoDB's operations by dynalite, called in this process instead of over its HTTP server.
 *
 * So no port is open to other users of the machine; an error of the disk fails the request that
 * causes it, where the server would end the process; and a request takes half the time. That the store also works over
 * HTTP with the AWS SDK is tested against dynalite's server.
 */
export function dynaliteApi(database: DynaliteStore): DynamoApi {
  const operation = <Output>(action: Action, rules: Rules) => {
    const act = promisify(action);
    return async (input: object): Promise<Output> => {
      await database.ready();
      const store = database.forRequest();
      try {
        // The compiler has checked the types that dynalite would check here, in a fifth of the time of a request.
        const request = omitUndefined(withOwnKey(input));
        validations.checkValidations(request, rules.types, rules.custom, store);
        // The answers are those of DynamoDB, which the types of DynamoApi describe.
        return (await act(store, request)) as Output;
      } catch (error) {
        throw asSdkError(error);
      }
    };
  };
  return {
    batchGetItem: operation(batchGetItem, batchGetItemRules),
    createTable: operation(createTable, createTableRules),
    deleteItem: operation(deleteItem, deleteItemRules),
    describeTable: operation(describeTable, describeTableRules),
    getItem: operation(getItem, getItemRules),
    putItem: operation(putItem, putItemRules),
    query: operation(query, queryRules),
    updateItem: operation(updateItem, updateItemRules),
  };
}

/** dynalite adds the attributes of a new item to its key. */
function withOwnKey(input: object): object {
  return 'Key' in input && typeof input.Key === 'object' ? { ...input, Key: { ...input.Key } } : input;
}

/** An error answer of DynamoDB, like the AWS SDK throws it. */
function asSdkError(error: unknown): unknown {
  if (!(error instanceof Error && 'body' in error)) return error;
  const { __type: type = '', message = '' } = error.body as { __type?: string; message?: string };
  const named = new Error(message, { cause: error });
  named.name = type.slice(type.indexOf('#') + 1);
  return named;
}
