import { type Document, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';

/** A mistake in the file, before anything in it has a meaning. */
interface YamlMistake {
  readonly line: number;
  readonly message: string;
}

type YamlReading =
  | {
      readonly ok: true;
      readonly value: unknown;
      readonly root: Node | null;
      readonly lineAt: (offset: number) => number;
    }
  | { readonly ok: false; readonly mistakes: readonly YamlMistake[] };

/** More than a person reads. */
const mostMistakes = 100;

/** In place of texts for programmers. */
const texts: ReadonlyMap<string, string> = new Map([
  ['MULTIPLE_DOCS', 'The file has several documents: remove the line `---`'],
  ['RESOURCE_EXHAUSTION', 'The file is nested too deeply'],
]);

/** Parses YAML from anyone who can push: in a time that grows with its length only, and never throws. */
export function parseYaml(text: string): YamlReading {
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  try {
    // The check of `yaml` compares each key with all keys before it.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
    const mistakes = document.errors.slice(0, mostMistakes).map(({ pos: [offset], code, message }) => ({
      line: lineAt(offset),
      message: texts.get(code) ?? message,
    }));
    if (mistakes.length === 0) mistakes.push(...keyMistakes(document, lineAt));
    if (mistakes.length > 0) return { ok: false, mistakes };
    return { ok: true, value: document.toJS(), root: document.contents, lineAt };
  } catch (error) {
    // Aliases that expand without limit, or that refer to nothing.
    const reason = error instanceof Error ? error.message : String(error);
    const message = error instanceof RangeError ? 'The file is nested too deeply' : reason;
    return { ok: false, mistakes: [{ line: 1, message }] };
  }
}

function keyMistakes(document: Document.Parsed, lineAt: (offset: number) => number): YamlMistake[] {
  const mistakes: YamlMistake[] = [];
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = String(isScalar(key) ? key.value : key);
        const line = lineAt(isScalar(key) ? (key.range?.[0] ?? 0) : 0);
        // JavaScript takes it for the prototype, and drops it.
        if (name === '__proto__') mistakes.push({ line, message: '`__proto__` cannot be a key' });
        if (seen.has(name)) mistakes.push({ line, message: 'Map keys must be unique' });
        seen.add(name);
      }
    },
  });
  return mistakes.slice(0, mostMistakes);
}
