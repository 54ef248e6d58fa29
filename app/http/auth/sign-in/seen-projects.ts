import { BerthError } from '../../../core/model/errors.ts';
import { type ProjectId, projectId } from '../../../core/model/ids.ts';
import type { Scope } from '../../../core/model/project.ts';
import type { Clock } from '../../../ports/clock.ts';
import type { People } from '../../../ports/people.ts';

/** The permissions of a person, in each project that they may see. */
export type SeenProjects = ReadonlyMap<ProjectId, Scope>;

/**
 * How long an answer of GitHub is cached for reads: the pages poll every two seconds, and GitHub allows 5,000 requests
 * an hour. Changes never use a cached answer.
 */
export const cachedMs = 60_000;
/** How long a cached answer is used while GitHub does not answer: people still need their runs during an outage. */
const cachedInOutageMs = 10 * 60_000;
/** How many people have cached answers. */
const room = 1000;

interface Answer {
  readonly seen: SeenProjects;
  readonly at: number;
}

/**
 * Returns what people may see and do, from GitHub: people with write access to a repository may run its tests, and people
 * with read access may view them. Cached in the memory of this process.
 *
 * @returns a function that queries one session; `isChange` for anything but reading.
 */
export function seenProjects({ people, clock }: { people: Pick<People, 'repositoriesOf'>; clock: Clock }) {
  const answers = new Map<string, Answer>();
  const underWay = new Map<string, Promise<SeenProjects>>();

  const ask = async (accessToken: string): Promise<SeenProjects> => {
    const at = clock.now().getTime();
    const repositories = await people.repositoriesOf(accessToken);
    const seen = new Map(
      repositories.map(({ repositoryId, mayWrite }) => [
        projectId(`gh-${repositoryId}`),
        // Never `admin`: a key that an administrator created would outlive the access that GitHub removed.
        mayWrite ? ('run' as const) : ('read' as const),
      ]),
    );
    // Newest last; the oldest is removed first.
    answers.delete(accessToken);
    answers.set(accessToken, { seen, at });
    const [oldest] = answers.keys();
    if (answers.size > room && oldest !== undefined) answers.delete(oldest);
    return seen;
  };
  const askTogether = (accessToken: string): Promise<SeenProjects> => {
    const asked = underWay.get(accessToken) ?? ask(accessToken).finally(() => underWay.delete(accessToken));
    underWay.set(accessToken, asked);
    return asked;
  };

  return async (accessToken: string, isChange: boolean): Promise<SeenProjects> => {
    if (isChange) return ask(accessToken);
    const known = answers.get(accessToken);
    const age = known === undefined ? Number.POSITIVE_INFINITY : clock.now().getTime() - known.at;
    if (known !== undefined && age < cachedMs) return known.seen;
    try {
      return await askTogether(accessToken);
    } catch (error) {
      const isAway = error instanceof BerthError && error.code === 'github_unavailable';
      if (known !== undefined && isAway && age < cachedInOutageMs) return known.seen;
      if (!isAway) answers.delete(accessToken);
      throw error;
    }
  };
}
