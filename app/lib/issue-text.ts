/** Names of the types of JavaScript for people. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['object', 'a map'],
  ['record', 'a map'],
  ['array', 'a list'],
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['null', 'nothing'],
]);

/** Writes a message of zod about a wrong type in words that do not need knowledge of JavaScript. */
export function issueText(message: string): string {
  const [, wanted = '', found = ''] = /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? [];
  if (wanted === '') return message.replace(/^Invalid input: /, '');
  if (found === 'undefined') return 'is missing';
  const expected = `expected ${kinds.get(wanted) ?? wanted}`;
  return found === 'NaN' ? expected : `${expected}, received ${kinds.get(found) ?? found}`;
}
