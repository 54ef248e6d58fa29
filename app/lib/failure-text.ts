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
