import { codeCell, cutToBytes, prose } from '../app/lib/markdown.ts';
import { externalIdPrefix, type Octokit, type Repository } from './check-run.ts';

/** The first line of the comment: by this the next step finds it. */
const marker = '<!-- berth-action -->';
/** Steps of other jobs write the same comment; after each write, a step reads their check runs. */
const maxWrites = 5;

export interface CommentTarget extends Repository {
  readonly pullRequest: number;
  /** The comment shows the suites of this commit, unless the pull request has a newer one. */
  readonly sha: string;
  /** Only bots write with a token of GitHub Actions, so a comment of a person is never edited. */
  readonly isBotToken: boolean;
}

/**
 * Writes the one comment that shows the suites of a pull request.
 *
 * Several jobs do this at the same time, and GitHub has no conditional write. So the text is made of the check runs of the commit
 * only, and is written again until they no longer change. Each job updates its check run first: the last comment that is
 * written shows all of them.
 */
export async function writeComment(octokit: Octokit, target: CommentTarget): Promise<void> {
  // GitHub's list may not have a comment yet that was just created.
  let written: WrittenComment | undefined;
  for (let writes = 0; writes <= maxWrites; writes += 1) {
    const [comment = written, ...newer] = await ownComments(octokit, target);
    // Two jobs created one at the same time: the older one stays.
    for (const { id } of newer) await remove(octokit, target, id);
    const body = await commentBody(octokit, target);
    if (body === undefined || body === comment?.body) return;
    written = await put(octokit, target, comment?.id, body);
  }
}

interface WrittenComment {
  readonly id: number;
  readonly body: string;
}

async function commentBody(octokit: Octokit, target: CommentTarget): Promise<string | undefined> {
  const { owner, repo, pullRequest, sha } = target;
  const { data: pull } = await octokit.rest.pulls.get({ owner, repo, pull_number: pullRequest });
  if (pull.head.sha !== sha) return undefined;
  const checks = await octokit.paginate(octokit.rest.checks.listForRef, {
    owner,
    repo,
    ref: sha,
    per_page: 100,
  });
  const newest = new Map<string, (typeof checks)[number]>();
  for (const check of checks.toSorted((a, b) => a.id - b.id)) {
    if (check.external_id?.startsWith(externalIdPrefix) === true) newest.set(check.name, check);
  }
  const rows = [...newest.values()]
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, details_url: url, external_id: id, conclusion, output }) => {
      const suite = prose(name.replace(/^berth\//, ''));
      const stack = id?.split(':')[2] ?? '';
      const result = `${icons[conclusion ?? 'running'] ?? '❌'} ${prose(cutToBytes(output.title ?? '', 250))}`;
      return `| ${url === null ? suite : `[${suite}](${url})`} | ${result} | ${stack === '' ? '' : codeCell(stack)} |`;
    });
  return [
    marker,
    `**Berth** tested ${codeCell(sha.slice(0, 7))}.`,
    '',
    '| Suite | Result | Stack |',
    '|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const icons: Readonly<Record<string, string>> = {
  running: '⏳',
  success: '✅',
  failure: '❌',
  timed_out: '⌛',
  cancelled: '🚫',
  neutral: '⏭️',
};

async function put(
  octokit: Octokit,
  { owner, repo, pullRequest }: CommentTarget,
  comment: number | undefined,
  body: string,
): Promise<WrittenComment> {
  const { issues } = octokit.rest;
  const { data } =
    comment === undefined
      ? await issues.createComment({ owner, repo, issue_number: pullRequest, body })
      : await issues.updateComment({ owner, repo, comment_id: comment, body });
  return { id: data.id, body };
}

async function remove(octokit: Octokit, { owner, repo }: CommentTarget, comment: number): Promise<void> {
  try {
    await octokit.rest.issues.deleteComment({ owner, repo, comment_id: comment });
  } catch (error) {
    // The other job removed it first.
    if (!(error instanceof Error && 'status' in error && error.status === 404)) throw error;
  }
}

async function ownComments(octokit: Octokit, { owner, repo, pullRequest, isBotToken }: CommentTarget) {
  const comments = await octokit.paginate(octokit.rest.issues.listComments, {
    owner,
    repo,
    issue_number: pullRequest,
    per_page: 100,
  });
  return comments
    .filter(({ body, user }) => body?.startsWith(marker) === true && (!isBotToken || user?.type === 'Bot'))
    .toSorted((a, b) => a.id - b.id);
}
