import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { ApiError, api, asApiError, type Session, sessions } from './lib/api.ts';
import { OverviewPage } from './runs/overview-page.tsx';
import { RunPage } from './runs/run-page.tsx';
import { returnToOf } from './session/return-to.ts';
import { SignIn } from './session/sign-in.tsx';
import { StackPage } from './stacks/stack-page.tsx';
import { StacksPage } from './stacks/stacks-page.tsx';
import { TestHistoryPage } from './tests/test-history-page.tsx';
import { TestsPage } from './tests/tests-page.tsx';
import { TrendsPage } from './trends/trends-page.tsx';
import { ErrorMessage } from './ui/error-message.tsx';
import { KeyboardHelp } from './ui/keyboard-help.tsx';
import { Navigation } from './ui/navigation.tsx';
import { NotFound } from './ui/not-found.tsx';
import { Notices } from './ui/notices.tsx';
import { PageAnnouncer } from './ui/page-announcer.tsx';
import { UserBadge } from './ui/user-badge.tsx';

/** Takes the key from a link (`/#key=…`) and removes it from the address. A fragment is never sent to a server. */
function takeKeyFromLink(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get('key');
  if (key !== null) history.replaceState(null, '', location.pathname + location.search);
  return key;
}

/** Signs in with a key only if there is no session: otherwise a link from anyone could change who is signed in. */
async function sessionOr(key: string | null): Promise<Session> {
  try {
    return await api.session();
  } catch (error) {
    if (key === null || !(error instanceof ApiError) || error.status !== 401) throw error;
    await api.signIn(key);
    return api.session();
  }
}

export function App() {
  const [session, setSession] = useState<'loading' | 'signed out' | ApiError | Session>('loading');
  const load = async (key: string | null = null): Promise<void> => {
    try {
      const signedIn = await sessionOr(key);
      const returnTo = returnToOf(location.search);
      if (returnTo === undefined) setSession(signedIn);
      else location.replace(returnTo);
    } catch (thrown) {
      const error = asApiError(thrown);
      setSession(error.status === 401 ? 'signed out' : error);
    }
  };
  useEffect(() => {
    const onEnded = () => setSession('signed out');
    sessions.addEventListener('ended', onEnded);
    return () => sessions.removeEventListener('ended', onEnded);
  }, []);
  useEffect(() => {
    void load(takeKeyFromLink());
  }, []);

  if (session === 'loading') return <main aria-busy="true" />;
  if (session === 'signed out') return <SignIn onDone={() => void load()} />;
  if (session instanceof ApiError) {
    return (
      <main>
        <ErrorMessage error={session} />
        <button type="button" onClick={() => void load()}>
          Try again
        </button>
      </main>
    );
  }
  return (
    <SignedIn session={session} signOut={() => void api.signOut().then(() => setSession('signed out'))} />
  );
}

/** Links to anything else, such as a report, are left to the browser. */
const ownPages = /^\/(?:$|[?#]|(?:runs|stacks|tests|trends)(?:$|[/?#]))/;

function SignedIn({ session, signOut }: { session: Session; signOut: () => void }) {
  const home = session.project;
  return (
    <LocationProvider scope={ownPages}>
      <a class="skip" href="#content">
        Skip to content
      </a>
      <header class="top">
        <a href="/" class="brand">
          <img src="/assets/icon.svg" alt="" width="22" height="22" /> Berth
        </a>
        <Navigation />
        <KeyboardHelp />
        <UserBadge session={session} />
        <button type="button" class="plain" onClick={signOut}>
          Sign out
        </button>
      </header>
      <PageAnnouncer />
      <Content>
        <ServerWarnings texts={session.warnings} />
        <Router>
          <Route path="/" component={() => <OverviewPage home={home} />} />
          <Route path="/runs/:id" component={RunPage} />
          <Route path="/stacks" component={() => <StacksPage home={home} />} />
          <Route path="/stacks/:name" component={() => <StackPage home={home} />} />
          <Route path="/berths/:name" component={OldStackAddress} />
          <Route path="/tests" component={() => <TestsPage home={home} />} />
          <Route path="/tests/history" component={() => <TestHistoryPage home={home} />} />
          <Route path="/trends" component={() => <TrendsPage home={home} />} />
          <Route default component={() => <NotFound what="Page" />} />
        </Router>
      </Content>
    </LocationProvider>
  );
}

/** Has the focus after the page was changed: what had it is gone, and the next Tab goes to the first control of the new page. */
function Content({ children }: { children: preact.ComponentChildren }) {
  const { path } = useLocation();
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useLayoutEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <main ref={main} id="content" tabIndex={-1}>
      {children}
    </main>
  );
}

/** On the lists only: on the page of a run its cause comes first. */
function ServerWarnings({ texts }: { texts: readonly string[] }) {
  const { path } = useLocation();
  return path.startsWith('/runs/') ? null : <Notices label="Warnings of the server" texts={texts} />;
}

/** Links of version 0.1.0 to a stack. */
function OldStackAddress() {
  const { pathname, search } = location;
  useEffect(() => location.replace(pathname.replace(/^\/berths\//, '/stacks/') + search));
  return <main aria-busy="true" />;
}
