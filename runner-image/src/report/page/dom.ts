type Child = Node | string | null | undefined;

interface Attributes {
  readonly class?: string | undefined;
  readonly [name: string]: string | number | boolean | undefined;
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/** Creates an element. Strings become text, never markup, whatever the name of a test contains. */
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

/** Creates a link if the address is safe to open, otherwise plain text. */
export function link(href: string | undefined, text: string, attributes: Attributes = {}): HTMLElement {
  if (href === undefined || !/^https?:\/\//i.test(href)) return element('span', attributes, text);
  return element('a', { href, rel: 'noopener noreferrer', ...attributes }, text);
}

/** Creates a section of the page with a heading. */
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
