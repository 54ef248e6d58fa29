/** Joins the message of a failure and its details, which often repeat the message. */
export function failureText({
  message,
  details,
}: {
  readonly message: string;
  readonly details?: string | null | undefined;
}): string {
  // An attribute of JUnit XML loses the line ends that the details have.
  const isRepeated = withoutSpace(details ?? '').includes(withoutSpace(message));
  const told = isRepeated ? '' : message;
  return [told, details ?? ''].filter((part) => part.trim() !== '').join('\n\n');
}

function withoutSpace(text: string): string {
  return text.replace(/\s+/g, '');
}
