import type { Job } from '../../app/core/model/job.ts';

/** @returns every value of the job that must not appear in the log, the report, or the result */
export function jobSecrets({ secretEnv, source, credentials }: Job): string[] {
  const secrets = [
    ...Object.values(secretEnv),
    ...(credentials === undefined ? [] : [credentials.SecretAccessKey, credentials.Token]),
  ];
  if (source.kind === 'archive') return [...secrets, ...Object.values(source.headers).map(withoutScheme)];
  const { auth } = source;
  if (auth?.kind === 'ssh') secrets.push(auth.privateKey);
  if (auth?.kind === 'basic') secrets.push(auth.password, basicHeader(auth.username, auth.password));
  if (URL.canParse(source.url)) {
    const { username, password } = new URL(source.url);
    if (password !== '') secrets.push(password, decodeURIComponent(password));
    // A token without a password is in the place of the user name.
    else if (/^https?:/.test(source.url)) secrets.push(username, decodeURIComponent(username));
  }
  return secrets;
}

/** @returns the value of a basic `Authorization` header without its scheme */
export function basicHeader(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString('base64');
}

function withoutScheme(header: string): string {
  return header.replace(/^(Bearer|Basic|token)\s+/i, '');
}
