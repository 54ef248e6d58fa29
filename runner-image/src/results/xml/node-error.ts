const wrapper = /^\[?Error \[ERR_TEST_FAILURE\]: /;
const code = "\n  code: 'ERR_TEST_FAILURE',";
const causeField = '\n  cause: ';

/**
 * The error of a test without the one in which `node --test` wraps it. The wrapper repeats the message, and its stack names
 * where the test was created, not where it failed.
 *
 * @param text the text of a `failure` element.
 * @returns the text itself if it is of another tool.
 */
export function withoutNodeWrapper(text: string): string {
  const trimmed = text.trim();
  if (!wrapper.test(trimmed)) return text;
  // The cause is not an error, and only the message says something.
  const [, message] = /^\[.*?: ([^\n]*)\] \{ code: 'ERR_TEST_FAILURE', .*\}$/.exec(trimmed) ?? [];
  if (message !== undefined) return message;
  const fields = trimmed.indexOf(code);
  const cause = trimmed.indexOf(causeField, fields);
  if (fields === -1 || cause === -1 || !trimmed.endsWith('\n}')) return text;
  return trimmed.slice(cause + causeField.length, -2).replaceAll('\n  ', '\n');
}
