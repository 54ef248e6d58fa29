import type { InputReader } from './input-reader.ts';

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Parses the input `env`: `NAME=value` lines, `NAME<<END` … `END` for values with several lines, as in `GITHUB_ENV`,
 * and a plain `NAME` for a variable of the step. Lines that begin with `#` are comments.
 */
export function parseEnv(
  text: string,
  own: Readonly<Record<string, string | undefined>>,
  mistake: InputReader['mistake'],
): Record<string, string> {
  const env: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  const set = (name: string, value: string): void => {
    if (namePattern.test(name)) env[name] = value;
    else mistake('env', `must not contain ${JSON.stringify(name)}, which is not a valid variable name.`);
  };

  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at]?.trim() ?? '';
    if (line === '' || line.startsWith('#')) continue;
    const block = /^([^=<]+)<<(\S+)$/.exec(line);
    if (block !== null) {
      const [, name = '', end = ''] = block;
      const length = lines.slice(at + 1).findIndex((other) => other.trim() === end);
      if (length === -1) {
        mistake('env', `must have a line ${end} that ends the value of ${name}.`);
        return env;
      }
      set(name.trim(), lines.slice(at + 1, at + 1 + length).join('\n'));
      at += length + 1;
      continue;
    }
    const equals = line.indexOf('=');
    if (equals === -1) passThrough(line);
    else set(line.slice(0, equals).trim(), line.slice(equals + 1));
  }
  return env;

  function passThrough(name: string): void {
    const value = own[name];
    if (value === undefined)
      mistake('env', `must give ${JSON.stringify(name)} a value, since the step has no such variable.`);
    else set(name, value);
  }
}
