import { useState } from 'preact/hooks';
import { ApiError, api } from './api.ts';

/** The first page of somebody unknown: the key that the server printed opens it. */
export function SignIn({ onDone }: { onDone: () => void }) {
  const [error, setError] = useState<ApiError>();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    // The form below is what was submitted.
    const data = new FormData(event.currentTarget as HTMLFormElement);
    try {
      await api.signIn(String(data.get('key')).trim());
      onDone();
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
        <button type="submit" class="primary">
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
