import { parse } from '@babel/parser';

/** A part of a file that a person reads. */
export interface Text {
  /** Offset of `text` in the file. */
  start: number;
  /** Has the length of the part in the file: spaces replace the marks of comments. */
  text: string;
  isDocComment: boolean;
}

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

const isScript = (path: string): boolean => /\.(m|c)?[jt]sx?$/.test(path);

/** Returns the texts of a file that a person reads: comments and strings of code, everything of a document. */
export function findTexts(path: string, source: string): Text[] {
  if (isScript(path)) return ofScript(path, source);
  if (/\.(md|html|txt)$/.test(path)) return ofDocument(source);
  if (/\.(css|java|c)$/.test(path)) return matches(source, /\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g);
  if (path.endsWith('.json'))
    return path.endsWith('package.json') ? matches(source, /"description": ".*"/g) : [];
  if (/\.(tf|tftest\.hcl)$/.test(path))
    return matches(source, /"(?:[^"\\\n]|\\.)*"|(?:^|(?<=\s))#.*(?:\n\s*#.*)*/g);
  if (/\.(ya?ml|sh|py)$|(^|\/)(Dockerfile|run)$/.test(path)) return ofDocument(source);
  return [];
}

/** Returns the prose of a document: code in backquotes is not prose. */
function ofDocument(source: string): Text[] {
  const text = source
    .replace(/\]\([^)\s]*\)/g, blank)
    .replace(/https?:\/\/\S+/g, blank)
    .replace(/(?<!`)`[^`\n]+`(?!`)/g, blank)
    .replace(/^(\s*)(?:#|>|\||-|\*)+(?=\s)/gm, blank);
  return [{ start: 0, text, isDocComment: false }];
}

function matches(source: string, pattern: RegExp): Text[] {
  return [...source.matchAll(pattern)].map((match) => ({
    start: match.index,
    text: withoutMarks(match[0]),
    isDocComment: false,
  }));
}

/** Replaces the marks of a comment, its code in backquotes and its links by spaces. */
function withoutMarks(comment: string): string {
  return comment
    .replace(/^\s*(?:\/\*\*?|\*(?!\/)|\/\/|#)|\*\/$/gm, blank)
    .replace(/\{@link [^}]*\}/g, blank)
    .replace(/`[^`]+`/g, blank)
    .replace(/https?:\/\/\S+/g, blank);
}

/** The fields of Babel's nodes that are read here: `parse` types each node, and a walk needs what is common. */
interface Node {
  type: string;
  start: number;
  end: number;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  typeof value.type === 'string' &&
  'start' in value;

function parsed(path: string, source: string) {
  const isTypeScript = /\.(m|c)?tsx?$/.test(path);
  return parse(source, {
    sourceType: 'module',
    errorRecovery: true,
    plugins: [
      ...(isTypeScript ? ['typescript' as const] : []),
      ...(path.endsWith('x') ? ['jsx' as const] : []),
    ],
  });
}

/** Returns the first place of each name in a script, by the name's text. */
export function findNames(path: string, source: string): Map<string, number> {
  const names = new Map<string, number>();
  if (!isScript(path)) return names;
  visit(parsed(path, source).program, (node) => {
    const isName = node.type === 'Identifier' || node.type === 'JSXIdentifier';
    if (isName && 'name' in node && typeof node.name === 'string' && !names.has(node.name)) {
      names.set(node.name, node.start);
    }
  });
  return names;
}

function ofScript(path: string, source: string): Text[] {
  const file = parsed(path, source);
  const texts: Text[] = [];
  visit(file.program, (node) => {
    if (!stringTypes.has(node.type)) return;
    const text = source.slice(node.start, node.end);
    const isProse = node.type === 'JSXText' ? text.trim() !== '' : /\s/.test(text.trim());
    if (isProse)
      texts.push({ start: node.start, text: text.replace(/\\[nrt]/g, blank), isDocComment: false });
  });
  return [...texts, ...ofComments(source, file.comments ?? [])];
}

const stringTypes = new Set(['StringLiteral', 'TemplateElement', 'JSXText', 'DirectiveLiteral']);
const importTypes = new Set(['ImportDeclaration', 'ExportAllDeclaration', 'ImportExpression']);

/** Calls `onNode` for a node and each node below it, except imports: their strings are names of modules. */
function visit(value: unknown, onNode: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(item, onNode);
    return;
  }
  if (!isNode(value) || importTypes.has(value.type)) return;
  onNode(value);
  for (const [key, child] of Object.entries(value)) {
    if (typeof child === 'object' && !key.endsWith('Comments') && key !== 'loc' && key !== 'extra')
      visit(child, onNode);
  }
}

/** Joins line comments that follow one another: a phrase may be broken between them. */
function ofComments(
  source: string,
  comments: readonly { type: string; start?: number; end?: number }[],
): Text[] {
  const joined: { start: number; end: number; isLine: boolean }[] = [];
  for (const { type, start = 0, end = 0 } of comments) {
    const last = joined.at(-1);
    const isLine = type === 'CommentLine';
    if (last?.isLine && isLine && /^\n[ \t]*$/.test(source.slice(last.end, start))) last.end = end;
    else joined.push({ start, end, isLine });
  }
  return joined.map(({ start, end }) => {
    const comment = source.slice(start, end);
    return { start, text: withoutMarks(comment), isDocComment: comment.startsWith('/**') };
  });
}
