import { BerthError } from './errors.ts';

const longestBytes = 255;

/**
 * The rules of git-check-ref-format(1) for a branch. The first broken rule is the reason to refuse a name.
 * They also make a name harmless as an argument and as a part of a path.
 */
const rules: readonly { readonly broken: (name: string) => boolean; readonly reason: string }[] = [
  { broken: (name) => name === '', reason: 'must not be empty' },
  {
    broken: (name) => new TextEncoder().encode(name).length > longestBytes,
    reason: `must not be longer than ${longestBytes} bytes`,
  },
  // An unpaired surrogate has no UTF-8 form: git would get a different name than the request has.
  { broken: (name) => /\p{Surrogate}/u.test(name), reason: 'must be well-formed Unicode' },
  // Also what keeps a name from being taken for an option, such as `--upload-pack=…`.
  { broken: (name) => name.startsWith('-'), reason: 'must not begin with -' },
  // The code points of git's rule 4: control characters and DEL.
  { broken: hasAsciiControl, reason: 'must not contain control characters' },
  { broken: (name) => /[ ~^:?*[\\]/.test(name), reason: 'must not contain a space or any of ~ ^ : ? * [ \\' },
  { broken: (name) => name.includes('..'), reason: 'must not contain ..' },
  { broken: (name) => name.includes('@{'), reason: 'must not contain @{' },
  {
    broken: (name) => name.split('/').includes(''),
    reason: 'must not begin or end with /, or contain //',
  },
  {
    broken: (name) => name.split('/').some((part) => part.startsWith('.') || part.endsWith('.lock')),
    reason: 'must have no part that begins with . or ends with .lock',
  },
  { broken: (name) => name.endsWith('.'), reason: 'must not end with .' },
  { broken: (name) => name === '@' || name === 'HEAD', reason: 'is a name that git uses itself' },
];

function hasAsciiControl(name: string): boolean {
  return [...name].some((character) => character < ' ' || character === '\u007f');
}

/**
 * Explains why a text cannot be the name of a branch, in words that complete a sentence after "branch".
 *
 * @returns undefined if it can.
 */
export function whyNotBranchName(name: string): string | undefined {
  return rules.find((rule) => rule.broken(name))?.reason;
}

/** @throws BerthError `branch_invalid` with the rule that the name breaks. */
export function checkBranchName(name: string): void {
  const reason = whyNotBranchName(name);
  if (reason === undefined) return;
  throw new BerthError('branch_invalid', `The branch ${reason}.`, {
    hint: 'Use the short name of a branch, such as main or feature/login.',
    details: [{ path: 'branch', message: reason }],
  });
}
