import type { ExpressionParser } from 'dynalite/db/conditionParser.js';

/** More than the product has; each takes about 5 KB. */
const maxExpressions = 1000;

/** A parsed expression, with {@link Placeholder} in place of the values. */
interface Parsed {
  readonly tree: unknown;
  readonly usedNames: readonly string[];
  readonly usedValues: readonly string[];
}

/** Stands for the value of this name. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

/**
 * Makes a parser of dynalite remember what it has parsed: nearly all requests have one of a few hundred expressions, and to
 * parse them again takes a quarter of the time of a request.
 *
 * The result depends on the expression, the names, and the types of the values, not on the values: except for the bounds of
 * BETWEEN, which no expression of Berth has and which are never remembered.
 */
export function rememberExpressions(parser: ExpressionParser): void {
  const parse = parser.parse.bind(parser);
  const known = new Map<string, Parsed>();
  parser.parse = (text, options) => {
    const { attrNames = {}, attrVals = {}, isKeyCondition = false } = options.context;
    let key = `${isKeyCondition} ${text}`;
    for (const name in attrNames) key += `\n${name} ${attrNames[name]}`;
    for (const name in attrVals) for (const type in attrVals[name]) key += `\n${name} ${type}`;
    const parsed = known.get(key);
    if (parsed !== undefined) {
      for (const name of parsed.usedNames) delete options.context.unusedAttrNames[name];
      for (const name of parsed.usedValues) delete options.context.unusedAttrVals[name];
      return copyOf(parsed.tree, (node) => (node instanceof Placeholder ? attrVals[node.name] : undefined));
    }
    const { unusedAttrNames, unusedAttrVals } = options.context;
    const before = { names: Object.keys(unusedAttrNames), values: Object.keys(unusedAttrVals) };
    const tree = parse(text, options);
    if (/between/i.test(text)) return tree;
    const placeholders = new Map<unknown, Placeholder>(
      Object.entries(attrVals).map(([name, value]) => [value, new Placeholder(name)]),
    );
    if (known.size >= maxExpressions) known.clear();
    known.set(key, {
      tree: copyOf(tree, (node) => placeholders.get(node)),
      usedNames: before.names.filter((name) => !(name in unusedAttrNames)),
      usedValues: before.values.filter((name) => !(name in unusedAttrVals)),
    });
    return tree;
  };
}

/** A deep copy, because dynalite changes the trees that it works with. @param replace returns undefined for nodes to copy. */
function copyOf(node: unknown, replace: (node: unknown) => unknown): unknown {
  if (typeof node !== 'object' || node === null) return node;
  const replacement = replace(node);
  if (replacement !== undefined) return replacement;
  if (Array.isArray(node)) return node.map((part) => copyOf(part, replace));
  const copy = Object.create(null);
  for (const name in node) copy[name] = copyOf(node[name as keyof typeof node], replace);
  return copy;
}
