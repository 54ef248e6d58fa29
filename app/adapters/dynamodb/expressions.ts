import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';

/**
 * The condition of a write. Attributes are written `#name`, values `:name`.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
 */
export interface Condition {
  readonly when: string;
  readonly values?: Readonly<Record<string, unknown>>;
}

/** How an update changes an item. */
export interface Change {
  /** Fields that are undefined are removed. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** Set if there is no value yet. */
  readonly setOnce?: Readonly<Record<string, unknown>>;
  /** Added to a number, or to a set. */
  readonly add?: Readonly<Record<string, number | ReadonlySet<string>>>;
  /** Removed from a set. */
  readonly drop?: Readonly<Record<string, ReadonlySet<string>>>;
}

export function expressionOf(change: Change): { expression: string; values: Record<string, unknown> } {
  const values: Record<string, unknown> = {};
  const value = (placeholder: string, it: unknown): string => {
    values[placeholder] = it;
    return placeholder;
  };
  const set = Object.entries(change.set ?? {});
  const once = Object.entries(change.setOnce ?? {});
  const add = Object.entries(change.add ?? {});
  const sets = [
    ...set
      .filter(([, it]) => it !== undefined)
      .map(([name, it]) => `#${name} = ${value(`:set_${name}`, it)}`),
    ...once.map(([name, it]) => `#${name} = if_not_exists(#${name}, ${value(`:once_${name}`, it)})`),
  ];
  const removes = set.filter(([, it]) => it === undefined).map(([name]) => `#${name}`);
  const drops = Object.entries(change.drop ?? {}).map(
    ([name, it]) => `#${name} ${value(`:drop_${name}`, it)}`,
  );
  const adds = add.map(([name, it]) => `#${name} ${value(`:add_${name}`, it)}`);
  const clause = (word: string, parts: string[]): string[] =>
    parts.length === 0 ? [] : [`${word} ${parts.join(', ')}`];
  const expression = [
    ...clause('SET', sets),
    ...clause('REMOVE', removes),
    ...clause('ADD', adds),
    ...clause('DELETE', drops),
  ].join(' ');
  return { expression, values };
}

/** Every attribute has a placeholder: many of their names are reserved words of DynamoDB. */
export function namesIn(...expressions: readonly (string | undefined)[]): Record<string, string> {
  const names: Record<string, string> = {};
  for (const expression of expressions) {
    for (const [placeholder] of expression?.matchAll(/#\w+/g) ?? [])
      names[placeholder] = placeholder.slice(1);
  }
  return names;
}

export function conditional(condition: Condition) {
  return {
    ConditionExpression: condition.when,
    ExpressionAttributeNames: namesIn(condition.when),
    ...valued(condition.values),
  };
}

/** DynamoDB refuses an empty list of values. */
export function valued(values: Readonly<Record<string, unknown>> | undefined): {
  ExpressionAttributeValues?: Record<string, AttributeValue>;
} {
  return values === undefined || Object.keys(values).length === 0
    ? {}
    : { ExpressionAttributeValues: toAttributes(values) };
}

/** Dates become the texts that `storedDate` reads. */
export function toAttributes(item: object): Record<string, AttributeValue> {
  return marshall(withTexts(item), { removeUndefinedValues: true });
}

function withTexts(item: object): Record<string, unknown> {
  const text = (value: unknown): unknown => {
    if (value instanceof Date) return value.toISOString();
    const isMap =
      typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
    return isMap ? withTexts(value) : value;
  };
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, text(value)]));
}
