import { createHash } from 'node:crypto';
import type { GitRepository } from './git-repository.ts';

interface Commit {
  readonly parent: string | undefined;
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Creates a repository that exists only in memory, for tests in which no one clones it: it starts no processes, so a
 * test with a separate repository takes milliseconds.
 */
export async function memoryGit(): Promise<GitRepository> {
  const commits = new Map<string, Commit>();
  const refs = new Map<string, string>();

  const find = (name: string): string | undefined =>
    (name === 'HEAD' ? refs.get('refs/heads/main') : refs.get(name)) ??
    refs.get(`refs/heads/${name}`) ??
    refs.get(`refs/tags/${name}`) ??
    (commits.has(name) ? name : undefined);
  const filesAt = (name: string): ReadonlyMap<string, string> => {
    const commit = commits.get(find(name) ?? '');
    if (commit === undefined) throw new Error(`unknown revision ${name}`);
    return commit.files;
  };
  const historyOf = (name: string): string[] => {
    const history: string[] = [];
    for (let sha = find(name); sha !== undefined; sha = commits.get(sha)?.parent) history.push(sha);
    return history;
  };

  return {
    directory: 'memory',
    resolve: async (name) => find(name),
    async commit(branch, files, { from, message = 'change', force = false } = {}) {
      const ref = `refs/heads/${branch}`;
      const tip = force ? undefined : refs.get(ref);
      const parent = tip ?? (from === undefined ? undefined : find(from));
      const tree = new Map(parent === undefined ? [] : filesAt(parent));
      for (const [path, content] of Object.entries(files))
        if (content === null) tree.delete(path);
        else tree.set(path, content);
      const identity = JSON.stringify([commits.size, parent, message, ...tree]);
      const sha = createHash('sha1').update(identity).digest('hex');
      commits.set(sha, { parent, files: tree });
      refs.set(ref, sha);
      return sha;
    },
    readFile: async (name, path) => commits.get(find(name) ?? '')?.files.get(path),
    async archive() {
      throw new Error('A repository in memory has no archives. Use createGitRepository.');
    },
    listBranches: async () =>
      [...refs]
        .filter(([ref]) => ref.startsWith('refs/heads/'))
        .map(([ref, sha]) => ({ name: ref.slice('refs/heads/'.length), sha }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    listFiles: async (name) => [...filesAt(name).keys()].sort(),
    listTree: async (name) =>
      [...filesAt(name)].map(([path, content]) => ({
        path,
        mode: '100644',
        type: 'blob',
        sha: createHash('sha1').update(content).digest('hex'),
      })),
    async changedFiles(base, head) {
      const known = new Set(historyOf(base));
      const common = historyOf(head).find((sha) => known.has(sha));
      if (common === undefined) throw new Error(`${base} and ${head} have no common commit`);
      const before = filesAt(common);
      const after = filesAt(head);
      return [...new Set([...before.keys(), ...after.keys()])]
        .filter((path) => before.get(path) !== after.get(path))
        .sort();
    },
    isAncestor: async (older, newer) => historyOf(newer).includes(find(older) ?? ''),
    async setRef(ref, sha) {
      if (!commits.has(sha)) throw new Error(`unknown commit ${sha}`);
      refs.set(ref, sha);
    },
    deleteRef: async (ref) => void refs.delete(ref),
  };
}
