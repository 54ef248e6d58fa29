import { Hono } from 'hono';
import { authorized, type Ground, paged, refusal, type StandInContext, type StandInEnv } from './answers.ts';
import type { RepositoryState } from './state.ts';

/** Repositories and their contents: files, commits, comparisons, permissions. */
export function repositoryRoutes(ground: Ground): Hono<StandInEnv> {
  const app = new Hono<StandInEnv>();

  app.get('/repos/:owner/:repo', (c) =>
    c.json(repositoryView(ground, authorized(ground, c, 'metadata', 'read'))),
  );

  app.get('/repos/:owner/:repo/contents/:path{.+}', async (c) => {
    const repository = authorized(ground, c, 'contents', 'read');
    const path = c.req.param('path');
    const commit = await commitOf(c, repository, c.req.query('ref'));
    const content = await repository.git.readFile(commit, path);
    if (content === undefined) {
      const entries = entriesIn(await repository.git.listFiles(commit), `${path}/`);
      if (entries.length === 0) throw refusal(404, 'Not Found');
      return c.json(entries.map(({ name, isDirectory }) => ({ name, type: isDirectory ? 'dir' : 'file' })));
    }
    if (c.req.header('accept')?.includes('raw') === true) return c.text(content);
    const encoded = Buffer.from(content).toString('base64');
    return c.json({
      type: 'file',
      path,
      encoding: 'base64',
      size: Buffer.byteLength(content),
      content: encoded,
    });
  });

  // GitHub redirects to another host here. The archive is the same.
  app.get('/repos/:owner/:repo/tarball/:ref', async (c) => {
    const repository = authorized(ground, c, 'contents', 'read');
    const sha = await commitOf(c, repository, c.req.param('ref'));
    const file = await repository.git.archive(
      sha,
      `${repository.owner}-${repository.name}-${sha.slice(0, 7)}/`,
    );
    return c.body(new Uint8Array(file), 200, { 'content-type': 'application/x-gzip' });
  });

  app.get('/repos/:owner/:repo/git/trees/:ref', async (c) => {
    const repository = authorized(ground, c, 'contents', 'read');
    const sha = await commitOf(c, repository, c.req.param('ref'));
    const files = await repository.git.listFiles(sha);
    if (c.req.query('recursive') !== undefined)
      return c.json({ sha, truncated: false, tree: await repository.git.listTree(sha) });
    return c.json({
      sha,
      truncated: false,
      tree: entriesIn(files, '').map(({ name, isDirectory }) =>
        isDirectory
          ? { path: name, type: 'tree', mode: '040000' }
          : { path: name, type: 'blob', mode: '100644' },
      ),
    });
  });

  app.get('/repos/:owner/:repo/commits/:ref{.+}', async (c) => {
    const repository = authorized(ground, c, 'contents', 'read');
    const sha = await commitOf(c, repository, c.req.param('ref'));
    return c.json({
      sha,
      html_url: `${ground.webUrl()}/${repository.owner}/${repository.name}/commit/${sha}`,
    });
  });

  app.get('/repos/:owner/:repo/branches', async (c) => {
    const repository = authorized(ground, c, 'contents', 'read');
    // The branches of forks are in the same git repository here.
    const ofForks = repository.pulls.filter((pull) => pull.headRepository.id !== repository.id);
    const branches = await repository.git.listBranches();
    const own = branches.filter(({ name }) => !ofForks.some((pull) => pull.headBranch === name));
    const { page, headers } = paged(c, own);
    return c.json(
      page.map(({ name, sha }) => ({ name, commit: { sha }, protected: false })),
      200,
      headers,
    );
  });

  app.get('/repos/:owner/:repo/branches/:branch{.+}', async (c) => {
    const repository = authorized(ground, c, 'contents', 'read');
    const name = c.req.param('branch');
    const sha = await repository.git.resolve(`refs/heads/${name}`);
    if (sha === undefined) throw refusal(404, 'Branch not found');
    return c.json({ name, commit: { sha }, protected: false });
  });

  app.get('/repos/:owner/:repo/compare/:basehead{.+}', async (c) => {
    const repository = authorized(ground, c, 'contents', 'read');
    const [baseName = '', headName = ''] = c.req.param('basehead').split('...');
    const base = await commitOf(c, repository, baseName);
    const head = await commitOf(c, repository, headName);
    const files = await withRenames(repository, await repository.git.changedFiles(base, head), base, head);
    const page = Number(c.req.query('page') ?? 1);
    return c.json({
      status: await comparison(repository, base, head),
      // GitHub lists the files only on the first page, at most 300.
      files: page === 1 ? files.slice(0, 300) : [],
    });
  });

  app.get('/repos/:owner/:repo/collaborators/:login/permission', (c) => {
    const repository = authorized(ground, c, 'metadata', 'read');
    const login = c.req.param('login');
    const role = repository.collaborators.get(login) ?? (repository.isPrivate ? 'none' : 'read');
    const legacy = role === 'maintain' ? 'write' : role === 'triage' ? 'read' : role;
    return c.json({ permission: legacy, role_name: role, user: { login, id: 7, type: 'User' } });
  });
  return app;
}

async function commitOf(
  c: StandInContext,
  repository: RepositoryState,
  ref: string | undefined,
): Promise<string> {
  const sha = await repository.git.resolve(ref ?? repository.defaultBranch);
  if (sha === undefined) throw refusal(404, `No commit found for the ref ${ref ?? c.req.path}`);
  return sha;
}

async function comparison(repository: RepositoryState, base: string, head: string): Promise<string> {
  if (base === head) return 'identical';
  if (await repository.git.isAncestor(base, head)) return 'ahead';
  return (await repository.git.isAncestor(head, base)) ? 'behind' : 'diverged';
}

/** A repository as GitHub shows it, in answers and webhooks. */
export function repositoryView(ground: Ground, repository: RepositoryState) {
  const fullName = `${repository.owner}/${repository.name}`;
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: fullName,
    private: repository.isPrivate,
    owner: { login: repository.owner, id: 1, type: 'Organization' },
    html_url: `${ground.webUrl()}/${fullName}`,
    url: `${ground.apiUrl()}/repos/${fullName}`,
    clone_url: `${ground.webUrl()}/${fullName}.git`,
    default_branch: repository.defaultBranch,
    fork: false,
    archived: repository.isArchived === true,
  };
}

/** Returns the entries of a directory from the paths of all files. */
function entriesIn(files: readonly string[], prefix: string): { name: string; isDirectory: boolean }[] {
  const below = files.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  const names = [...new Set(below.map((path) => path.split('/')[0] ?? ''))];
  return names.map((name) => ({ name, isDirectory: !below.includes(name) }));
}

/** GitHub lists a file that moved unchanged as one file, with its previous name. */
async function withRenames(
  { git }: RepositoryState,
  names: readonly string[],
  base: string,
  head: string,
): Promise<{ filename: string; status: string; previous_filename?: string }[]> {
  const contents = async (commit: string) =>
    new Map((await git.listTree(commit)).map(({ path, sha }) => [path, sha]));
  const [before, after] = await Promise.all([contents(base), contents(head)]);
  const removed = [...before.keys()].filter((path) => !after.has(path));
  const previous = (name: string) =>
    before.has(name) ? undefined : removed.find((path) => before.get(path) === after.get(name));
  const moved = new Set(names.map(previous));
  return names
    .filter((name) => !moved.has(name))
    .map((filename) => {
      const old = previous(filename);
      return old === undefined
        ? { filename, status: 'modified' }
        : { filename, status: 'renamed', previous_filename: old };
    });
}
