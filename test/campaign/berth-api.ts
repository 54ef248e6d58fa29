import { apiKey } from '../helpers/served-github.ts';

export interface RunView {
  readonly id: string;
  readonly state: string;
  readonly conclusion: string | null;
  readonly suite: string;
  readonly branch: string;
  readonly sha: string | null;
  readonly pull_request: number | null;
  readonly retry_of: string | null;
  readonly trigger: { readonly kind: string };
}

export interface StackView {
  readonly stackName: string;
  readonly isAvailable: boolean;
  readonly holder?: string;
}

export type BerthApi = ReturnType<typeof berthApi>;

/** The REST API, as far as the campaign asks it. @param urlOf where the server is now: it moves when it is started again. */
export function berthApi(urlOf: () => string, project: string) {
  async function call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(`${urlOf()}${path}`, {
      method,
      headers: { 'X-API-Key': apiKey, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    });
    // Every route that is called here answers with an object; the API's own tests check its form.
    return (await response.json()) as Record<string, unknown>;
  }
  const listOf = <Item>(answer: Record<string, unknown>, name: string): readonly Item[] =>
    Array.isArray(answer[name]) ? answer[name] : [];

  return {
    call,
    /** @param filter a query, such as `&state=running`. */
    async runs(filter = ''): Promise<readonly RunView[]> {
      const found: RunView[] = [];
      let cursor = '';
      do {
        const page = await call('GET', `/workflow?project=${project}&limit=100${filter}${cursor}`);
        found.push(...listOf<RunView>(page, 'workflows'));
        cursor = typeof page.cursor === 'string' ? `&cursor=${encodeURIComponent(page.cursor)}` : '';
      } while (cursor !== '');
      return found;
    },
    stacks: async () => listOf<StackView>(await call('GET', `/listStacks?project=${project}`), 'stacks'),
    line: async () => listOf(await call('GET', `/line?project=${project}`), 'line'),
  };
}

/** A filter of {@link BerthApi.runs}: what has not ended. */
export const active = ['queued', 'waiting', 'provisioning', 'running'].map((one) => `&state=${one}`).join('');
