import { codeBlock, cutToBytes, inlineCode } from './markdown.ts';

/** Says what failed and where, with the beginning of its message: enough to see why a check is red. */
export function firstFailureText(failure: {
  readonly name: string;
  readonly message: string;
  readonly file?: string | null | undefined;
  readonly line?: number | null | undefined;
}): string {
  const { name, message, file } = failure;
  const place = (file ?? '') === '' ? '' : ` at ${inlineCode(placeText(failure))}`;
  const shown = cutToBytes(message.split('\n').slice(0, 12).join('\n'), 1500);
  const head = `First failure: ${inlineCode(cutToBytes(name, 300))}${place}`;
  return `${head}\n\n${codeBlock(shown)}`;
}

/** `src/cart.test.ts:14`. */
export function placeText({
  file,
  line,
}: {
  readonly file?: string | null | undefined;
  readonly line?: number | null | undefined;
}): string {
  return (line ?? null) === null ? (file ?? '') : `${file ?? ''}:${line}`;
}

/** Joins the message of a failure and its details, which often repeat the message. */
export function failureText(failure: {
  readonly message: string;
  readonly details?: string | null | undefined;
}): string {
  return failureParts(failure)
    .filter((part) => part.trim() !== '')
    .join('\n\n');
}

/** @returns the message and the details of a failure. A message that the details repeat is empty. */
export function failureParts({
  message,
  details,
}: {
  readonly message: string;
  readonly details?: string | null | undefined;
}): readonly string[] {
  // An attribute of JUnit XML loses the line ends that the details have.
  const isRepeated = withoutSpace(details ?? '').includes(withoutSpace(message));
  return [isRepeated ? '' : message, details ?? ''];
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, '');
}
