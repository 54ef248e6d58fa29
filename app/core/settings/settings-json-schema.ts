import { z } from 'zod';
import { settingsFileSchema } from './settings-schema.ts';

/** The JSON schema of `.github/berth.yml`, for editors: the text of docs/berth.schema.json. */
export function settingsJsonSchema(): string {
  // The input of a person, not the parsed output.
  const schema = z.toJSONSchema(settingsFileSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
