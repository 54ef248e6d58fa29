/** Joins the message of a failure and its details, which often repeat the message. */
export function failureText({
  message,
  details,
}: {
  readonly message: string;
  readonly details?: string | null | undefined;
}): string {
  const told = details?.includes(message) === true ? '' : message;
  return [told, details ?? ''].filter((part) => part.trim() !== '').join('\n\n');
}
