/** Branded strings: a run ID cannot be passed as a holder. Only the constructors below create them. */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** `gh-<numeric repository ID>` for a repository, or the name that a person gave. Never changes. */
export type ProjectId = Branded<'ProjectId'>;
/** The ID of a run, and of the workflow in the REST API. */
export type RunId = Branded<'RunId'>;
/**
 * The holder of a stack: `pr:<number>`, `branch:<name>`, `run:<id>`, `api:<name given by the client>` or
 * `request:<unique>` for an API client without a name. A fork's branch is `fork:<repository ID>:<name>`; it never gets a
 * stack.
 */
export type Holder = Branded<'Holder'>;

// The casts below are the only ones to a branded ID; each checks the form or uses a checked value.
export const projectId = (value: string): ProjectId => value as ProjectId;
export const runId = (value: string): RunId => value as RunId;

const chosenMark = '--';

/**
 * Returns the ID of a run whose name a client chose. The tag is derived from the project and the name, so two projects may
 * choose the same name, and no client can choose the ID of another run.
 */
export function chosenRunId(name: string, tag: string): RunId {
  return runId(`${name}${chosenMark}${tag}`);
}

/** Returns the public ID of a run: the name that a client chose, otherwise the ID itself. */
export function publicRunId(id: RunId): string {
  return /^(.+)--[0-9A-Z]{26}$/.exec(id)?.[1] ?? id;
}

/** Reads a stored holder. To name a new one, use {@link holder}. */
export const storedHolder = (value: string): Holder => value as Holder;

export const holder = {
  pullRequest: (number: number): Holder => `pr:${number}` as Holder,
  branch: (name: string): Holder => `branch:${name}` as Holder,
  fork: (repositoryId: number, name: string): Holder => `fork:${repositoryId}:${name}` as Holder,
  run: (id: RunId): Holder => `run:${id}` as Holder,
  client: (name: string): Holder => `api:${name}` as Holder,
  request: (unique: string): Holder => `request:${unique}` as Holder,
};

/** Returns the public form of a holder: a run has its public ID. */
export function publicHolder(value: Holder): string {
  const run = runOfHolder(value);
  return run === undefined ? value : `run:${publicRunId(run)}`;
}

/** Whether the name of a holder is unique, so that no other request can have it. */
export function isUniqueHolder(value: Holder): boolean {
  return value.startsWith('request:');
}

export function branchOfHolder(value: Holder): string | undefined {
  return value.startsWith('branch:') ? value.slice('branch:'.length) : undefined;
}

export function runOfHolder(value: Holder): RunId | undefined {
  return value.startsWith('run:') ? runId(value.slice('run:'.length)) : undefined;
}

/** Describes a holder: `pull request #7`, `branch main`, `run 01J…`, `API client deploy`, `an API client`. */
export function describeHolder(value: Holder): string {
  const colon = value.indexOf(':');
  const name = value.slice(colon + 1);
  switch (value.slice(0, colon)) {
    case 'pr':
      return `pull request #${name}`;
    case 'branch':
      return `branch ${name}`;
    case 'run':
      return `run ${publicRunId(runId(name))}`;
    case 'api':
      return `API client ${name}`;
    default:
      return 'an API client';
  }
}
