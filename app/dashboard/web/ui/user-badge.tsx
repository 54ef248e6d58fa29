import type { Session } from '../lib/api.ts';

/**
 * The signed-in user. Shows initials instead of the avatar from GitHub: loading it would tell another origin who opens
 * Berth, and when.
 */
export function UserBadge({ session }: { session: Session }) {
  const { actor, person } = session;
  if (person === null) return <span class="quiet user">{actor}</span>;
  return (
    <span class="user" title={person.name ?? undefined}>
      <span class="initials" aria-hidden="true">
        {initials(person.name ?? person.login)}
      </span>
      <span class="login">{person.login}</span>
    </span>
  );
}

/** Takes the first letters of the first and last word, or the first two letters of a single word. */
function initials(name: string): string {
  const words = name.split(/[\s_-]+/).filter((word) => word !== '');
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => [...(word ?? '')][0]) : [...name].slice(0, 2);
  return letters.join('').toUpperCase();
}
