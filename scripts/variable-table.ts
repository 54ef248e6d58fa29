import { z } from 'zod';

const head = '| variable | default | description |\n|---|---|---|\n';

/** Replaces the table of variables in a page with the variables of a schema. */
export function withVariables(page: string, schema: z.ZodObject): string {
  return page.replace(
    /\| variable \| default \|.*\n\|---\|---\|---\|\n(?:\|.*\n)*/i,
    () => head + rowsOf(schema),
  );
}

function rowsOf(schema: z.ZodObject): string {
  const { properties } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const rows = Object.entries(properties ?? {}).map(([name, property]) => {
    const { default: value, description } = propertySchema.parse(property);
    return `| \`${name}\` | ${value ? `\`${String(value)}\`` : ''} | ${description} |\n`;
  });
  return rows.join('');
}

const propertySchema = z.object({ default: z.unknown().optional(), description: z.string() });
