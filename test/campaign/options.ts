/** Reads `--name value` from the command line. */
export function option(name: string, otherwise: number): number {
  const [value = otherwise, ...more] = options(name, [otherwise]);
  if (more.length > 0) throw new Error(`--${name} needs one number`);
  return value;
}

/** Reads `--name 1,2,3` from the command line. */
export function options(name: string, otherwise: readonly number[]): readonly number[] {
  const at = process.argv.indexOf(`--${name}`);
  const values = at < 0 ? otherwise : (process.argv[at + 1] ?? '').split(',').map(Number);
  if (!values.every(Number.isFinite)) throw new Error(`--${name} needs a number`);
  return values;
}
