import { type ProjectId, projectId } from '../core/model/ids.ts';

const longestId = 60;

/**
 * The ID of a project that is created by hand: its name in lower case, with one `-` for all characters between
 * letters and digits.
 *
 * @returns undefined if nothing is left, or the ID has the form of a repository.
 */
export function projectIdFor(name: string): ProjectId | undefined {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{Mark}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longestId)
    .replace(/^-|-$/g, '');
  return slug === '' || /^gh-\d+$/.test(slug) ? undefined : projectId(slug);
}
