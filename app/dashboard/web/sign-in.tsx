import { useEffect, useState } from 'preact/hooks';
import { ApiError, api } from './api.ts';

/** What the way to GitHub and back may end with; docs/troubleshooting.md says more of each. */
const endings: Readonly<Record<string, string>> = {
  sign_in_expired: 'Signing in took too long, or was begun in another window. Please try again.',
  sign_in_denied: 'GitHub says that you did not authorize Berth.',
  sign_in_failed: 'GitHub did not take the sign-in. Please try again.',
  github_unavailable: 'GitHub cannot be reached. Please try again in a minute.',
};

/** The first page of somebody unknown: GitHub opens it where the App is set up, and a key always does. */
export function SignIn({ onDone }: { onDone: () => void }) {
  const [error, setError] = useState<ApiError>();
  const [github, setGithub] = useState<boolean>();
  const ending = new URLSearchParams(location.search).get('sign_in');
  useEffect(() => {
    api.ways().then(
      (ways) => setGithub(ways.github),
      // The key is asked for in any case.
      () => setGithub(false),
    );
  }, []);
  // Nothing moves when it is known what may be offered.
  if (github === undefined) return <main aria-busy="true" />;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    // The form below is what was submitted.
    const data = new FormData(event.currentTarget as HTMLFormElement);
    try {
      await api.signIn(String(data.get('key')).trim());
      const wanted = new URLSearchParams(location.search).get('return_to');
      if (wanted !== null && isOurs(wanted)) location.assign(wanted);
      else {
        if (ending !== null) history.replaceState(null, '', '/');
        onDone();
      }
    } catch (failure) {
      setError(
        failure instanceof ApiError ? failure : new ApiError(0, { message: 'The server cannot be reached.' }),
      );
    }
  };
  return (
    <main class="sign-in">
      <h1>Berth</h1>
      <p>Every branch gets a berth.</p>
      {ending !== null && (
        <p role="alert" class="problem">
          {endings[ending] ?? 'Signing in did not work. Please try again.'}
        </p>
      )}
      {github && (
        <>
          <a class="primary button" href={wayToGithub()}>
            Sign in with GitHub
          </a>
          <p class="or quiet">or</p>
        </>
      )}
      <form onSubmit={submit}>
        <label for="key">API key</label>
        <input
          id="key"
          name="key"
          type="password"
          autocomplete="current-password"
          required
          placeholder="berth_…"
        />
        <button type="submit" class={github ? undefined : 'primary'}>
          Sign in
        </button>
        {error !== undefined && (
          <p role="alert" class="problem">
            {error.message} {error.hint}
          </p>
        )}
      </form>
      <p class="quiet">
        The first start of a server prints its first key. More are made by <code>berth keys create</code>.
      </p>
    </main>
  );
}

/** Back to what was wanted; not to the words about a sign-in that failed. The server takes paths of its own alone. */
function wayToGithub(): string {
  const search = new URLSearchParams(location.search);
  search.delete('sign_in');
  const rest = search.size === 0 ? '' : `?${search}`;
  const wanted = search.get('return_to') ?? `${location.pathname}${rest}${location.hash}`;
  return `/session/github?return_to=${encodeURIComponent(wanted)}`;
}

/** A link to this page must lead nobody to another server. */
function isOurs(path: string): boolean {
  return /^\/(?![/\\])/.test(path) && new URL(path, location.origin).origin === location.origin;
}
