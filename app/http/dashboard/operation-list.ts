import { html } from 'hono/html';
import type { OpenapiDocument } from '../api.ts';

type PathItem = NonNullable<OpenapiDocument['paths']>[string];
type Method = (typeof methods)[number];

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/**
 * The operations of the API as markup, by tag. Each unfolds to its description, which the page replaces by a
 * full rendering, which needs a large script.
 */
export function operationList({ info, tags = [], paths = {} }: OpenapiDocument) {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = operationOf(item, method);
      return operation === undefined ? [] : [{ path, method, ...operation }];
    }),
  );
  return html`${paragraphs(info.description)}
    ${tags.map(
      ({ name, description }) => html`
        <section aria-labelledby="tag-${name}">
          <h2 id="tag-${name}">${name}</h2>
          ${paragraphs(description)}
          ${operations
            .filter((operation) => operation.tags?.includes(name))
            .map(
              ({ operationId, method, path, summary, description: details }) => html`
                <details class="card operation" id="${operationId}" data-method="${method}" data-path="${path}">
                  <summary><h3><span class="method ${method}">${method}</span> <code>${path}</code> <span class="quiet">${summary}</span></h3></summary>
                  <div>${paragraphs(details)}</div>
                </details>`,
            )}
        </section>`,
    )}`;
}

function operationOf(item: PathItem, method: Method) {
  return item?.[method];
}

/** The descriptions use paragraphs and code, and nothing else of Markdown. */
function paragraphs(text = '') {
  return text
    .split('\n\n')
    .filter((paragraph) => paragraph !== '')
    .map(
      (paragraph) =>
        html`<p>${paragraph.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}</p>`,
    );
}
