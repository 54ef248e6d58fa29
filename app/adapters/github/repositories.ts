import { type GlancedFile, glancedFiles } from '../../core/model/repository-glance.ts';
import { ttlCache } from '../../lib/ttl-cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { GithubRepositories, RepositoryAddress } from '../../ports/github.ts';
import { compareCommits } from './compare-commits.ts';
import type { PageCache } from './conditional-pages.ts';
import type { GithubApp, Octokit } from './github-app.ts';
import { orUndefined, orUnreachable } from './missing.ts';

/** How long a person's permission is cached. */
const permissionSeconds = 60;
/** How long a file is cached, for several reads of one commit, and for many commits of one organization. */
const fileSeconds = 60;
/** Larger lists cost more calls than the comparison is worth. */
const mostBranches = 3000;

export function githubRepositories({
  github,
  clock,
  pages,
}: {
  github: GithubApp;
  clock: Clock;
  pages: PageCache;
}): GithubRepositories {
  const permissions = ttlCache<boolean>(clock, permissionSeconds);
  const call = <T>(
    at: RepositoryAddress,
    make: (octokit: Octokit, where: { owner: string; repo: string }) => Promise<T>,
  ) =>
    github.asInstallation(at.installationId, (octokit) => make(octokit, { owner: at.owner, repo: at.repo }));

  const files = ttlCache<string | undefined>(clock, fileSeconds);
  const readFile: GithubRepositories['readFile'] = (at, path, ref) =>
    isFixed(at, ref)
      ? files.get(JSON.stringify([at.installationId, at.owner, at.repo, path, ref]), () =>
          readNow(at, path, ref),
        )
      : readNow(at, path, ref);
  const readNow: GithubRepositories['readFile'] = (at, path, ref) =>
    call(at, (octokit, where) =>
      orUndefined(async () => {
        const { data } = await octokit.rest.repos.getContent({
          ...where,
          path,
          ref,
          mediaType: { format: 'raw' },
        });
        // With this media type GitHub answers with the file itself, which the types do not say.
        return String(data);
      }),
    );

  return {
    readFile,

    async glance(at, ref, directory = '') {
      const entries = await call(at, (octokit, where) =>
        listDirectory(octokit, { ...where, ref, directory }),
      );
      const names = new Set(entries.map(({ name }) => name));
      const texts: Partial<Record<GlancedFile, string>> = {};
      for (const name of glancedFiles.filter((each) => names.has(each))) {
        const text = await readFile(at, directory === '' ? name : `${directory}/${name}`, ref);
        if (text !== undefined) texts[name] = text;
      }
      const directories = entries.flatMap(({ name, isDirectory }) => (isDirectory ? [name] : []));
      return { names, directories: new Set(directories), texts };
    },

    listBranches: (at) =>
      call(at, async (octokit, parameters) => {
        const list = {
          key: `branches ${JSON.stringify([at.installationId, parameters])}`,
          route: '/repos/{owner}/{repo}/branches',
          parameters,
        };
        // The answer is a list of branches, as GitHub describes it.
        const toPairs = (data: unknown) =>
          (data as readonly BranchShape[]).map(({ name, commit }): [string, string] => [name, commit.sha]);
        const branches = await pages.read(octokit, list, toPairs, mostBranches);
        return branches && new Map(branches);
      }),

    headOf: (at, branch) =>
      call(at, async (octokit, where) => {
        const found = await orUnreachable(octokit, where, () =>
          octokit.rest.repos.getBranch({ ...where, branch }),
        );
        // GitHub redirects from the old name of a renamed branch to the new one.
        return (found?.data.name ?? branch) === branch ? found?.data.commit.sha : undefined;
      }),

    changedFiles: (at, base, head) =>
      call(at, async (octokit, where) => (await compareCommits(octokit, where, base, head))?.files),

    filesBetween: (at, base, head) =>
      call(at, async (octokit, where) => {
        const forward = await compareCommits(octokit, where, base, head);
        if (forward?.files === undefined || forward.isDifference) return forward?.files;
        const backward = await compareCommits(octokit, where, head, base);
        return backward?.files && [...new Set([...forward.files, ...backward.files])];
      }),

    mayWrite: (at, login) =>
      permissions.get(`${at.repositoryId} ${login}`, async () => {
        const permission = await call(at, (octokit, where) =>
          orUndefined(async () => {
            const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({
              ...where,
              username: login,
            });
            return data.permission;
          }),
        );
        // GitHub folds `maintain` into `write` here, and `triage` into `read`.
        return permission === 'admin' || permission === 'write';
      }),

    listInstallations: () =>
      github.asApp(async (octokit) => {
        const installations = await octokit.paginate(octokit.rest.apps.listInstallations, { per_page: 100 });
        return installations.filter(({ suspended_at }) => suspended_at === null).map(({ id }) => id);
      }),

    listInstalled: (installationId) =>
      github.asInstallation(
        installationId,
        async (octokit) => {
          const list = {
            key: `repositories ${installationId}`,
            route: '/installation/repositories',
            parameters: {},
          };
          // The answer holds a list of repositories, as GitHub describes it.
          const toRepositories = (data: unknown) =>
            (data as { readonly repositories: readonly RepositoryShape[] }).repositories.map((one) => ({
              installationId,
              repositoryId: one.id,
              owner: one.owner.login,
              repo: one.name,
              defaultBranch: one.default_branch,
              isArchived: one.archived === true,
            }));
          return (await pages.read(octokit, list, toRepositories)) ?? [];
        },
        { isFresh: true },
      ),
  };
}

interface DirectoryEntry {
  readonly name: string;
  readonly isDirectory: boolean;
}

async function listDirectory(
  octokit: Octokit,
  at: { readonly owner: string; readonly repo: string; readonly ref: string; readonly directory: string },
): Promise<DirectoryEntry[]> {
  const { directory, ref, ...where } = at;
  if (directory === '') {
    const tree = await orUnreachable(octokit, where, () =>
      octokit.rest.git.getTree({ ...where, tree_sha: ref }),
    );
    return (tree?.data.tree ?? []).map(({ path, type }) => ({ name: path, isDirectory: type === 'tree' }));
  }
  const content = await orUndefined(() => octokit.rest.repos.getContent({ ...where, ref, path: directory }));
  return Array.isArray(content?.data)
    ? content.data.map(({ name, type }) => ({ name, isDirectory: type === 'dir' }))
    : [];
}

/** A commit never changes, and the settings of an organization rarely do. */
function isFixed({ repo }: RepositoryAddress, ref: string): boolean {
  return repo === '.github' || /^[0-9a-f]{40,64}$/.test(ref);
}

interface BranchShape {
  readonly name: string;
  readonly commit: { readonly sha: string };
}

interface RepositoryShape {
  readonly id: number;
  readonly owner: { readonly login: string };
  readonly name: string;
  readonly default_branch: string;
  readonly archived?: boolean;
}
