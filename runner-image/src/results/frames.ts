/** A place that a trace names. */
export interface Frame {
  readonly path: string;
  readonly line?: number;
  /** Directories that the path may be relative to. */
  readonly roots?: readonly string[];
}

/** Where JVM builds keep their sources, relative to a module. */
export const jvmRoots = [
  'src/test/java',
  'src/test/kotlin',
  'src/test/groovy',
  'src/test/scala',
  'src/main/java',
  'src/main/kotlin',
  'test',
  'src',
  '',
];
const jvmFrame =
  /\bat (?:[\w.@-]{1,200}\/{1,2}){0,3}([\w.$]{1,300})\.[\w$<>]{1,200}\(([\w$]{1,200}\.(?:java|kt|groovy|scala)):(\d{1,7})\)/g;

const character = String.raw`[^\s:()'"<>|[\],;]`;
const scheme = String.raw`(?:[a-z][a-z0-9+.-]{1,20}:\/{2,3})?`;
const token = String.raw`(${scheme}(?:[A-Za-z]:[\\/])?${character}{1,300})`;
/** The ways in which tools write a place: the path comes first, then the line. */
const patterns: readonly RegExp[] = [
  /File "([^"\n]{1,500})", line (\d{1,7})/g,
  / in ([^\n]{1,500}?):line (\d{1,7})/g,
  // Node's frames, where a path may hold blanks.
  /\(((?:[a-z-]{1,20}:\/{2,3})?[^()\n]{1,500}?):(\d{1,7}):\d{1,7}\)/g,
  // path:12, path:12:3, path#L12
  new RegExp(String.raw`${token}(?::|#L)(\d{1,7})\b`, 'g'),
  // path(12), path(12,3)
  new RegExp(String.raw`${token}\((\d{1,7})(?:,\d{1,7})?\)`, 'g'),
  // path line 12, path, line 12, path on line 12, path @ line 12
  new RegExp(String.raw`${token},?(?: on| at| @)? line:? (\d{1,7})\b`, 'gi'),
  // path 12:3
  new RegExp(String.raw`${token} (\d{1,7}):\d{1,7}\b`, 'g'),
];
const maxFrames = 60;

/** @returns the places that a text names, in order. Most of them are not files of the checkout. */
export function framesIn(text: string): Frame[] {
  const found: (Frame & { readonly at: number })[] = [];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      found.push({ at: match.index, path: match[1] ?? '', line: Number(match[2]) });
    }
  }
  for (const match of text.matchAll(jvmFrame)) {
    const packagePath = (match[1] ?? '').split('.').slice(0, -1).join('/');
    const path = packagePath === '' ? (match[2] ?? '') : `${packagePath}/${match[2] ?? ''}`;
    found.push({ at: match.index, path, line: Number(match[3]), roots: jvmRoots });
  }
  return found.sort((one, other) => one.at - other.at).slice(0, maxFrames);
}
