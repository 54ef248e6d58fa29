type Child = Node | string | null | undefined;

interface Attributes {
  readonly class?: string | undefined;
  readonly [name: string]: string | number | boolean | undefined;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/**
 * Makes an element. Strings become text, never markup: whatever a test is called, it is only read.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  return filled(document.createElement(name), attributes, children);
}

export function svg<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  return filled(document.createElementNS(svgNamespace, name), attributes, children);
}

/** A link, where the address is one that a browser may safely open; else its text alone. */
export function link(href: string | undefined, text: string, attributes: Attributes = {}): HTMLElement {
  if (href === undefined || !/^https?:\/\//i.test(href)) return element('span', attributes, text);
  return element('a', { href, rel: 'noopener noreferrer', ...attributes }, text);
}

/** A part of the page with a heading of its own. */
export function section(id: string, title: string, ...children: readonly Child[]): HTMLElement {
  const heading = element('h2', { id: `${id}-title` }, title);
  return element('section', { id, 'aria-labelledby': `${id}-title` }, heading, ...children);
}

function filled<E extends Element>(target: E, attributes: Attributes, children: readonly Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    target.setAttribute(name, value === true ? '' : String(value));
  }
  target.append(...children.filter((child) => child !== null && child !== undefined));
  return target;
}
