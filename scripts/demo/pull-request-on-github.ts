import { commentMark } from '../../app/core/results/comment-view.ts';
import type { GithubStandIn } from '../../test/helpers/github-stand-in/start-github-stand-in.ts';
import type {
  CheckRunState,
  CommentState,
  RepositoryState,
} from '../../test/helpers/github-stand-in/state.ts';
import type { Expectation, Stage } from './stage.ts';

const settings = `suites:
  unit:
    command: sh run-tests.sh
    junit: junit.xml
`;

const testsThatSay = (price: number): string => `cat > junit.xml <<'XML'
<testsuite name="cart" tests="2">
  <testcase classname="cart" name="is empty at first" time="0.01"/>
  <testcase classname="cart" name="adds up the prices" file="src/cart.js" line="3" time="0.02">${
    price === 3 ? '' : `<failure message="Expected 3, received ${price}">at src/cart.js:3</failure>`
  }</testcase>
</testsuite>
XML
echo "tests on $BERTH_STACK"
exit ${price === 3 ? 0 : 1}
`;

/** The time limit for each step on a slow machine. */
const patienceMs = 240_000;

/**
 * Plays a pull request from opening to closing. A GitHub test server on this machine sends signed webhooks and stores
 * the check runs, comments, and reactions that Berth writes.
 */
export function pullRequestOnGithub(
  github: GithubStandIn,
): (stage: Stage) => Promise<readonly Expectation[]> {
  return async (stage) => {
    const { say, out } = stage;
    const { people } = github;
    github.state.webhookUrl = `${stage.url}/api/github/webhooks`;
    say();
    say(`${out.colors.bold('A pull request')}  on a GitHub test server at http://${github.host}`);
    const repository = await github.addRepository({
      name: 'shop',
      files: {
        '.github/berth.yml': settings,
        'run-tests.sh': testsThatSay(3),
        'src/cart.js': '// the cart\n',
      },
      collaborators: { dana: 'write' },
    });

    await repository.git.commit('cart', { 'run-tests.sh': testsThatSay(4) }, { from: 'main' });
    const pull = await people.openPullRequest(repository, { branch: 'cart', by: 'dana' });
    tell(stage, 'dana', 'opens pull request #1');
    const failed = await concluded(stage, repository, pull.headSha, 1);
    tellCheck(stage, failed);

    await people.push(repository, 'cart', { 'run-tests.sh': testsThatSay(3) }, { by: 'dana' });
    tell(stage, 'dana', 'pushes a commit that fixes it');
    const fixed = await concluded(stage, repository, pull.headSha, 1);
    tellCheck(stage, fixed);

    const comment = await people.comment(repository, pull, '/retest all\n/stack', { by: 'dana' });
    tell(stage, 'dana', 'comments "/retest all" and "/stack"');
    const answer = await until(stage, () =>
      // The comment about the whole pull request may appear first.
      repository.comments.find(
        ({ author, body }) => author === 'berth[bot]' && !body.startsWith(commentMark),
      ),
    );
    tellAnswer(stage, comment, answer);
    const again = await concluded(stage, repository, pull.headSha, 2);
    tellCheck(stage, again);

    await people.changePullRequest(repository, pull, 'closed', { by: 'dana' });
    tell(stage, 'dana', 'closes the pull request');
    const retired = await until(stage, () =>
      repository.deployments.every(({ statuses }) => statuses.at(-1)?.state === 'inactive')
        ? 'free'
        : undefined,
    );
    tell(stage, 'berth', 'releases the stack; its environment is inactive');

    return [
      {
        what: 'the failing test has an annotation on its line',
        isSo: failed.annotations[0]?.path === 'src/cart.js' && failed.conclusion === 'failure',
      },
      { what: 'the commit with the fix passed', isSo: fixed.conclusion === 'success' },
      {
        what: '/retest created a separate check run',
        isSo: again.id !== fixed.id && again.conclusion === 'success',
      },
      {
        what: '/stack got a reply',
        isSo: comment.reactions.includes('eyes') && answer.body.includes('This pull request'),
      },
      { what: 'closing released the stack', isSo: retired === 'free' },
    ];
  };
}

function tell({ say, out }: Stage, person: string, does: string): void {
  say(`  ${out.colors.cyan(person.padEnd(6))} ${does}`);
}

function tellCheck(stage: Stage, check: CheckRunState): void {
  const { out, say } = stage;
  const mark = check.conclusion === 'success' ? out.colors.green('✔') : out.colors.red('✖');
  tell(
    stage,
    'berth',
    `${mark} ${check.name}: ${check.output?.title ?? ''}  ${out.colors.dim(check.history.join(' → '))}`,
  );
  for (const { path, start_line, message } of check.annotations) {
    say(`           ${out.colors.dim(`${path}:${start_line}  ${message.split('\n')[0]}`)}`);
  }
}

function tellAnswer(stage: Stage, comment: CommentState, answer: CommentState): void {
  tell(stage, 'berth', `reacts with ${comment.reactions.join(', ')} and replies:`);
  stage.say(`           ${stage.out.colors.dim(answer.body.split('\n')[0] ?? '')}`);
}

function concluded(
  stage: Stage,
  repository: RepositoryState,
  sha: string,
  count: number,
): Promise<CheckRunState> {
  return until(stage, () => {
    const checks = repository.checkRuns.filter(({ headSha }) => headSha === sha);
    const last = checks[count - 1];
    return last?.conclusion == null ? undefined : last;
  });
}

async function until<Value>({ pause }: Stage, look: () => Value | undefined): Promise<Value> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (Date.now() > deadline)
      throw new Error('the demo timed out. Set BERTH_LOG_LEVEL=info to see what the server does');
    await pause(50);
  }
}
