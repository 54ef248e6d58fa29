/**
 * Whether git allows a branch of this name (git-check-ref-format(1)). In a refspec, characters such as `:` and `+` have a
 * special meaning.
 */
export function isBranchName(name: string): boolean {
  if (name === '' || name === '@' || name.endsWith('.') || name.includes('..') || name.includes('@{'))
    return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git forbids them, so they are looked for
  if (/[\u0000-\u0020\u007f~^:?*[\\]/.test(name)) return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}
