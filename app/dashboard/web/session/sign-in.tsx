import { useEffect, useState } from 'preact/hooks';
import { type ApiError, api, asApiError } from '../lib/api.ts';
import { ErrorMessage } from '../ui/error-message.tsx';
import { returnToOf } from './return-to.ts';

/** How signing in with GitHub can fail, by code. docs/troubleshooting.md explains each. */
const failures: Readonly<Record<string, string>> = {
  sign_in_expired: 'Signing in took too long or started in another window. Try again.',
  sign_in_denied: 'GitHub reports that you did not authorize Berth.',
  sign_in_failed: 'GitHub did not accept the sign-in. Try again.',
  github_unavailable: 'Cannot reach GitHub. Try again in a minute.',
};

/** The sign-in page: with GitHub if the App is set up, and always with an API key. */
export function SignIn({ onDone }: { onDone: () => void }) {
  const [error, setError] = useState<ApiError>();
  const [github, setGithub] = useState<boolean>();
  const failure = new URLSearchParams(location.search).get('sign_in');
  useEffect(() => {
    api.signInMethods().then(
      (methods) => setGithub(methods.github),
      // A key works in any case.
      () => setGithub(false),
    );
  }, []);
  // Nothing moves once the methods are known.
  if (github === undefined) return <main aria-busy="true" />;
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    // The event comes from the form below.
    const data = new FormData(event.currentTarget as HTMLFormElement);
    try {
      await api.signIn(String(data.get('key')).trim());
      if (failure !== null && returnToOf(location.search) === undefined) history.replaceState(null, '', '/');
      onDone();
    } catch (thrown) {
      setError(asApiError(thrown));
    }
  };
  return (
    <main class="sign-in">
      <h1>
        <img src="/assets/icon.svg" alt="" width="32" height="32" /> Berth
      </h1>
      <p>Sign in to see runs, logs and stacks.</p>
      {failure !== null && (
        <p role="alert" class="error">
          {failures[failure] ?? 'Signing in failed. Try again.'}
        </p>
      )}
      {github && (
        <>
          <a class="primary button" href={githubUrl()}>
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
        <ErrorMessage error={error} />
      </form>
      <p class="quiet">
        A server prints its first key when it starts for the first time. Create more with{' '}
        <code>berth keys create</code>.
      </p>
    </main>
  );
}

/** Returns to the page that was requested, without the failure of an earlier attempt. */
function githubUrl(): string {
  const search = new URLSearchParams(location.search);
  search.delete('sign_in');
  const rest = search.size === 0 ? '' : `?${search}`;
  const returnTo = search.get('return_to') ?? `${location.pathname}${rest}${location.hash}`;
  return `/session/github?return_to=${encodeURIComponent(returnTo)}`;
}
