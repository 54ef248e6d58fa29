import type { RunId } from './ids.ts';

/** The result of a deployment to a stack. A stack has one for each deployment of the settings, by the name of its check. */
export interface StackDeploy {
  /** The last deployment that succeeded. */
  readonly done?: DoneDeploy;
  /** A later deployment that has not succeeded yet: the content of the stack is unknown. */
  readonly begun?: { readonly runId: RunId; readonly at: Date; readonly commit?: string };
}

export interface DoneDeploy {
  readonly commit: string;
  readonly runId: RunId;
  readonly at: Date;
  /** How long it took, which is what reusing it saves. */
  readonly seconds: number;
  /** Identifies the command and its environment. */
  readonly recipe: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly url?: string;
}

/** The name of the check that shows the only deployment of a repository. */
export const deployCheck = 'deploy';

/** Whether a name that a person wrote, in any case, means this suite or deployment. `deploy` means all deployments. */
export function isMeant(suite: string, name: string): boolean {
  const typed = name.toLowerCase();
  return suite.toLowerCase() === typed || (typed === deployCheck && suite.startsWith(`${deployCheck}/`));
}

/** The URL of a stack in settings and requests. */
export const stackUrlPattern = /^https?:\/\/[^\s{}]*(\{stack\}[^\s{}]*)*$/;

/**
 * The URL of a deployment: the URL in the settings, in which `{stack}` is the name of the stack, or else at the
 * output `url`.
 */
export function deployUrl(
  template: string | undefined,
  stackName: string,
  outputs: Readonly<Record<string, string>>,
): string | undefined {
  const url = template?.replaceAll('{stack}', encodeURIComponent(stackName)) ?? outputs.url;
  return url !== undefined && isWebUrl(url) ? url : undefined;
}

/** Whether a text is an address that a page may link to. */
export function isWebUrl(text: string): boolean {
  if (!/^https?:\/\//i.test(text) || /\s/.test(text)) return false;
  return URL.canParse(text);
}
