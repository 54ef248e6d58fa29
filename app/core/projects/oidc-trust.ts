import type { ProjectSettings } from '../model/project.ts';

/** Whether a project lets workflows of a repository, running for a ref, do what a key of scope `run` may do. */
export function trustsWorkflow(
  { oidcTrust = [] }: Pick<ProjectSettings, 'oidcTrust'>,
  workflow: { readonly repository: string; readonly ref: string },
): boolean {
  return oidcTrust.some(
    ({ repository, ref }) =>
      isRepository(repository, workflow.repository) && (ref === undefined || matches(ref, workflow.ref)),
  );
}

/** Names of repositories are the same in upper and lower case; `owner/*` is every one of an owner. */
function isRepository(trusted: string, name: string): boolean {
  const [one, other] = [trusted.toLowerCase(), name.toLowerCase()];
  return one.endsWith('/*') ? other.startsWith(one.slice(0, -1)) : one === other;
}

/** `*` stands for any characters, also for `/`; refs are case-sensitive. */
function matches(pattern: string, ref: string): boolean {
  const [head = '', ...parts] = pattern.split('*');
  const tail = parts.pop();
  if (tail === undefined) return ref === head;
  if (!ref.startsWith(head)) return false;
  let at = head.length;
  for (const part of parts) {
    const found = ref.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return ref.length - at >= tail.length && ref.endsWith(tail);
}
