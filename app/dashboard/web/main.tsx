import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { LocationProvider, Route, Router } from 'preact-iso';
import { ApiError, api, type Session, sessions } from './api.ts';
import { BerthPage } from './berth-page.tsx';
import { Missing } from './missing.tsx';
import { Overview } from './overview.tsx';
import { Pages } from './pages.tsx';
import { Problem } from './problem.tsx';
import { RunPage } from './run-page.tsx';
import { SignIn } from './sign-in.tsx';
import { TestHistoryPage } from './test-history-page.tsx';
import { TestsPage } from './tests-page.tsx';
import { Who } from './who.tsx';

/** A link may have the key behind `#`: what stands there is never sent to a server, and goes from the address at once. */
function keyOfLink(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key !== null) history.replaceState(null, '', location.pathname + location.search);
  return key;
}

/** A link signs in whom nobody knows. It never takes the place of a session: then anybody's link would change who one is. */
async function sessionOr(key: string | null): Promise<Session> {
  try {
    return await api.session();
  } catch (error) {
    if (key === null || !(error instanceof ApiError) || error.status !== 401) throw error;
    await api.signIn(key);
    return api.session();
  }
}

function App() {
  const [session, setSession] = useState<'asking' | 'unknown' | ApiError | Session>('asking');
  const ask = async (key: string | null = null): Promise<void> => {
    try {
      setSession(await sessionOr(key));
    } catch (error) {
      const known =
        error instanceof ApiError ? error : new ApiError(0, { message: 'The server cannot be reached.' });
      setSession(known.status === 401 ? 'unknown' : known);
    }
  };
  useEffect(() => {
    const ended = () => setSession('unknown');
    sessions.addEventListener('ended', ended);
    return () => sessions.removeEventListener('ended', ended);
  }, []);
  useEffect(() => {
    void ask(keyOfLink());
  }, []);

  if (session === 'asking') return <main aria-busy="true" />;
  if (session === 'unknown') return <SignIn onDone={() => void ask()} />;
  if (session instanceof ApiError) {
    return (
      <main>
        <Problem error={session} />
        <button type="button" onClick={() => void ask()}>
          Try again
        </button>
      </main>
    );
  }
  return (
    <LocationProvider>
      <a class="skip" href="#content">
        Skip to the content
      </a>
      <header class="top">
        <a href="/" class="brand">
          <img src="/assets/icon.svg" alt="" width="22" height="22" /> Berth
        </a>
        <nav class="pages" aria-label="Pages">
          <Pages />
        </nav>
        <Who session={session} />
        <button type="button" onClick={() => void api.signOut().then(() => setSession('unknown'))}>
          Sign out
        </button>
      </header>
      <main id="content">
        <Router>
          <Route path="/" component={() => <Overview home={session.project} />} />
          <Route path="/runs/:id" component={RunPage} />
          <Route path="/berths/:name" component={() => <BerthPage home={session.project} />} />
          <Route path="/tests" component={() => <TestsPage home={session.project} />} />
          <Route path="/tests/history" component={() => <TestHistoryPage home={session.project} />} />
          <Route default component={() => <Missing what="page" />} />
        </Router>
      </main>
    </LocationProvider>
  );
}

const root = document.getElementById('app');
if (root !== null) render(<App />, root);
