import type { CheckAnnotation, CheckView } from '../../core/model/check-view.ts';
import type { GithubTarget, Run } from '../../core/model/run.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { chunk } from '../../lib/split-list.ts';
import type { Octokit } from './github-app.ts';
import { orUndefined } from './missing.ts';
import { statusOf } from './rate-gate.ts';

/** GitHub's limit of annotations in one call; more are added by further calls. */
const annotationsPerCall = 50;

interface WriteOptions {
  readonly appId: number;
  readonly view: CheckView;
  readonly mayExist: boolean;
  readonly onKnown: (id: number) => void;
}

/** Creates or updates the check run of a run. */
export async function writeCheckRun(
  octokit: Octokit,
  run: Run,
  target: GithubTarget,
  options: WriteOptions,
): Promise<void> {
  const { appId, view, mayExist, onKnown } = options;
  const find = () => findCheckRun(octokit, run, target, { name: view.name, appId });
  const known = target.checkRunId ?? (mayExist ? await find() : undefined);
  if (known === undefined) return create(octokit, run, target, options);
  onKnown(known);
  try {
    await update(octokit, target, known, view);
  } catch (error) {
    // GitHub gives the same answer for a moment, and forever for a check run that was deleted, or that another App created.
    if (statusOf(error) !== 404 || (await find()) === known) throw error;
    await create(octokit, run, target, options);
  }
}

async function create(
  octokit: Octokit,
  run: Run,
  target: GithubTarget,
  { view, onKnown }: WriteOptions,
): Promise<void> {
  const { owner, repo } = target;
  const body = bodyOf(view);
  const [first = [], ...more] = chunk(view.annotations.map(annotationBody), annotationsPerCall);
  const { data } = await octokit.rest.checks.create({
    owner,
    repo,
    head_sha: target.headSha,
    external_id: run.id,
    ...body,
    output: { ...body.output, annotations: first },
  });
  onKnown(data.id);
  await addAnnotations(octokit, target, data.id, body.output, more);
}

async function update(octokit: Octokit, target: GithubTarget, id: number, view: CheckView): Promise<void> {
  const { owner, repo } = target;
  const body = bodyOf(view);
  // GitHub appends annotations: after a crash between two calls, only the missing ones are sent.
  const there = view.annotations.length === 0 ? 0 : await countAnnotations(octokit, target, id);
  const [first = [], ...more] = chunk(view.annotations.slice(there).map(annotationBody), annotationsPerCall);
  await octokit.rest.checks.update({
    owner,
    repo,
    check_run_id: id,
    ...body,
    output: { ...body.output, annotations: first },
  });
  await addAnnotations(octokit, target, id, body.output, more);
}

/** Finds the check run of an earlier call whose answer was lost. */
async function findCheckRun(
  octokit: Octokit,
  run: Run,
  { owner, repo, headSha, replaced = [] }: GithubTarget,
  { name, appId }: { readonly name: string; readonly appId: number },
): Promise<number | undefined> {
  const options = octokit.rest.checks.listForRef.endpoint.merge({
    owner,
    repo,
    ref: headSha,
    check_name: name,
    app_id: appId,
    filter: 'all',
    per_page: 100,
  });
  for await (const { data } of octokit.paginate.iterator<{ id: number; external_id?: string | null }>(
    options,
  )) {
    const found = data.find(({ id, external_id }) => external_id === run.id && !replaced.includes(id));
    if (found !== undefined) return found.id;
  }
  return undefined;
}

async function countAnnotations(
  octokit: Octokit,
  { owner, repo }: GithubTarget,
  id: number,
): Promise<number> {
  const { data } = await octokit.rest.checks.get({ owner, repo, check_run_id: id });
  return data.output.annotations_count;
}

type Output = ReturnType<typeof bodyOf>['output'];

async function addAnnotations(
  octokit: Octokit,
  { owner, repo }: GithubTarget,
  checkRunId: number,
  { title, summary, text }: Output,
  batches: readonly ReturnType<typeof annotationBody>[][],
): Promise<void> {
  for (const annotations of batches) {
    // Without the texts, this call would remove them.
    const output = omitUndefined({ title, summary, text, annotations });
    await octokit.rest.checks.update({ owner, repo, check_run_id: checkRunId, output });
  }
}

const annotationBody = ({ path, line, level, title, message, details }: CheckAnnotation) =>
  omitUndefined({
    path,
    start_line: line,
    end_line: line,
    annotation_level: level,
    title,
    message,
    raw_details: details,
  });

function bodyOf(view: CheckView) {
  return {
    name: view.name,
    details_url: view.detailsUrl,
    // A conclusion implies the status `completed`.
    ...(view.conclusion === undefined ? { status: view.status } : { conclusion: view.conclusion }),
    ...omitUndefined({
      started_at: view.startedAt?.toISOString(),
      completed_at: view.completedAt?.toISOString(),
    }),
    output: {
      title: view.title,
      summary: view.summary,
      ...omitUndefined({ text: view.text === '' ? undefined : view.text }),
    },
    actions: view.actions.map((action) => ({ ...action })),
  };
}

/** Concludes the check runs that a newer one replaced while their run was active. */
export async function concludeReplaced(
  octokit: Octokit,
  { owner, repo, replaced = [] }: GithubTarget,
): Promise<void> {
  for (const id of replaced) {
    // One that is gone needs no conclusion, and must not keep the run from being complete.
    await orUndefined(() =>
      octokit.rest.checks.update({
        owner,
        repo,
        check_run_id: id,
        conclusion: 'neutral',
        output: { title: 'Continues in a newer check run', summary: 'A newer check run shows this run.' },
        actions: [],
      }),
    );
  }
}
