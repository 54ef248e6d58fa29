/** The parts of a reference to a secret. */
export interface SecretReference {
  readonly service: 'ssm' | 'secretsmanager';
  /** The name without account and region, by which a project's permission is checked. */
  readonly name: string;
  /** The name or the ARN, as the reference gives it. */
  readonly id: string;
  /** One field of a secret that is a JSON object. */
  readonly jsonKey?: string;
}

/**
 * Reads `ssm:<name>`, `secretsmanager:<name>[:<json key>]`, or the ARN of either. The ARN of a secret may have a JSON
 * key behind it too, as in a task definition:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 *
 * @returns undefined if it has none of these forms.
 */
export function parseSecretReference(reference: string): SecretReference | undefined {
  const [scheme, ...rest] = reference.split(':');
  if (scheme === 'ssm') return parameter(rest.join(':'), rest.join(':'));
  if (scheme === 'secretsmanager') return secret(rest[0] ?? '', rest[0] ?? '', rest[1]);
  if (scheme !== 'arn') return undefined;
  const [, service, , , resource = '', ...behind] = rest;
  if (service === 'ssm' && resource.startsWith('parameter/')) {
    return parameter(resource.slice('parameter'.length), reference);
  }
  if (service === 'secretsmanager' && resource === 'secret') {
    const [nameAndSuffix = '', jsonKey] = behind;
    const arn = reference.split(':').slice(0, 7).join(':');
    // Secrets Manager adds a hyphen and six characters to the name.
    return secret(nameAndSuffix.replace(/-[A-Za-z0-9]{6}$/, ''), arn, jsonKey);
  }
  return undefined;
}

function parameter(name: string, id: string): SecretReference | undefined {
  return name === '' ? undefined : { service: 'ssm', name, id };
}

function secret(name: string, id: string, jsonKey: string | undefined): SecretReference | undefined {
  if (name === '') return undefined;
  return { service: 'secretsmanager', name, id, ...(jsonKey ? { jsonKey } : {}) };
}
