import type { Session } from './api.ts';

/**
 * Who is signed in. Initials and not the picture that GitHub has: it lies on another origin, which would learn who
 * looks at Berth and when.
 */
export function Who({ session }: { session: Session }) {
  const { actor, person } = session;
  if (person === null) return <span class="quiet">{actor}</span>;
  return (
    <span class="who" title={person.name ?? undefined}>
      <span class="initials" aria-hidden="true">
        {initials(person.name ?? person.login)}
      </span>
      <span class="login">{person.login}</span>
    </span>
  );
}

/** Of the first and the last word; of a single one its beginning. */
function initials(name: string): string {
  const words = name.split(/[\s_-]+/).filter((word) => word !== '');
  const letters =
    words.length > 1 ? [words[0], words.at(-1)].map((word) => [...(word ?? '')][0]) : [...name].slice(0, 2);
  return letters.join('').toUpperCase();
}
