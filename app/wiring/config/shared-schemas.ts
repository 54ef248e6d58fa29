import { z } from 'zod';

/** Schemas that several variables have. */
export const optionalText = z.string().optional();
export const httpUrl = z.url({ protocol: /^https?$/ });
/** Accepts `true`, `1`, `yes`, `on` and their opposites. Anything else is an error. */
export const flag = z.stringbool();
export const logLevel = z.enum(['debug', 'info', 'warn', 'error', 'silent']);
export const projectName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must contain only letters, digits, - and _');
export const issuer = httpUrl.default('https://token.actions.githubusercontent.com');

export const integer = (min: number, max?: number) => {
  const number = z.coerce.number().int().min(min);
  return max === undefined ? number : number.max(max);
};
