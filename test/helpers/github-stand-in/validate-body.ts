import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import requestSchemas from './request-schemas.json' with { type: 'json' };

// `ajv-formats` is CommonJS: its function is the default of its default where modules are mixed.
const ajv = new Ajv({ strict: false, allErrors: true });
addFormats.default(ajv);

const validators = new Map<string, ValidateFunction>(
  Object.entries(requestSchemas.schemas).map(([operation, schema]) => [operation, ajv.compile(schema)]),
);

/**
 * Validates a request body against GitHub's schema of the operation.
 *
 * @param operation method and path as GitHub's documentation writes them, such as
 *   `post /repos/{owner}/{repo}/check-runs`.
 * @returns one text for each mistake; none where the body is fine.
 */
export function bodyMistakes(operation: string, body: unknown): string[] {
  const validate = validators.get(operation);
  if (validate === undefined) throw new Error(`request-schemas.json does not describe ${operation}`);
  if (validate(body)) return [];
  return (validate.errors ?? []).map(
    (error) => `${error.instancePath || '/'} ${error.message ?? 'is wrong'}`,
  );
}
