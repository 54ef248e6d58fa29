type Given<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** The fields that are not undefined: an absent field and an undefined one are two things to an API, and to types. */
export function given<Fields extends object>(fields: Fields): Given<Fields> {
  // Object.fromEntries cannot tell the types that only undefined values were left out.
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Given<Fields>;
}
