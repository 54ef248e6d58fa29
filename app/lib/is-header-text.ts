/** Whether a text can be the value of an HTTP header, and arrives unchanged. */
export function isHeaderText(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
