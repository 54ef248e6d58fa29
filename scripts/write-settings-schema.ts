import { writeFile } from 'node:fs/promises';
import { settingsJsonSchema } from '../app/core/settings/settings-json-schema.ts';

/** Writes docs/berth.schema.json from the schema that the server checks settings with. */
await writeFile('docs/berth.schema.json', settingsJsonSchema());
