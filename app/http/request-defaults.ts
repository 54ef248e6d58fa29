import type { OpenapiDocument } from './api.ts';

/**
 * Moves the defaults of request bodies to their descriptions. Generators of clients otherwise require such fields
 * (openapi-typescript), or send the defaults of the version that they were generated from (most others).
 */
export function describeRequestDefaults(document: OpenapiDocument): OpenapiDocument {
  const copy = structuredClone(document);
  const schemas = field(field(copy, 'components'), 'schemas');
  const seen = new Set<unknown>();
  const visitSchema = (schema: unknown): void => {
    if (!isObject(schema) || seen.has(schema)) return;
    seen.add(schema);
    const { $ref, default: preset, description, properties, ...rest } = schema;
    if (typeof $ref === 'string') visitSchema(field(schemas, $ref.slice($ref.lastIndexOf('/') + 1)));
    if (preset !== undefined) {
      delete schema.default;
      schema.description = [description, `Default: ${JSON.stringify(preset)}.`].filter(Boolean).join(' ');
    }
    // A property may be called `default`.
    if (isObject(properties)) Object.values(properties).forEach(visitSchema);
    Object.values(rest).flat().forEach(visitSchema);
  };
  for (const path of Object.values(copy.paths ?? {})) {
    for (const operation of Object.values(path)) visitSchema(field(operation, 'requestBody'));
  }
  return copy;
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
