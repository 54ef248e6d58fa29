/** The fields of an object that may be undefined become optional; the others stay as they are. */
export type OmitUndefined<Fields> = {
  [Name in keyof Fields as undefined extends Fields[Name] ? never : Name]: Fields[Name];
} & {
  [Name in keyof Fields as undefined extends Fields[Name] ? Name : never]?: Exclude<Fields[Name], undefined>;
};

/**
 * Leaves out the fields that are undefined, because APIs, stored items and `exactOptionalPropertyTypes` tell an absent
 * field from an undefined one.
 *
 * @returns a shallow copy.
 */
export function omitUndefined<const Fields extends object>(fields: Fields): OmitUndefined<Fields> {
  // Object.fromEntries cannot express in types that only undefined values are missing.
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as OmitUndefined<Fields>;
}
