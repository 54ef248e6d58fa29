import type { Plugin } from 'swagger-ui-dist/swagger-ui-es-bundle.js';

interface OpenapiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const scheme = matchMedia('(prefers-color-scheme: dark)');

function applyScheme(): void {
  document.documentElement.classList.toggle('dark-mode', scheme.matches);
}

applyScheme();
scheme.addEventListener('change', applyScheme);

let loading: ReturnType<typeof load> | undefined;

/** Loads the renderer and the OpenAPI document when the first operation is opened: the list does not need them. */
async function load() {
  const style = document.getElementById('operation-style');
  if (style instanceof HTMLLinkElement) style.disabled = false;
  const [{ default: render }, response] = await Promise.all([
    import('swagger-ui-dist/swagger-ui-es-bundle.js'),
    fetch('/openapi.json'),
  ]);
  // The server that sent this page sends its own document.
  return { render, openapi: (await response.json()) as OpenapiDocument };
}

/** Leaves out what this page shows itself: the title of the API, the tags, and the names of operations. */
const onlyOperations: Plugin = ({ React, getComponent }) => ({
  components: {
    OnlyOperations: () =>
      React.createElement(
        'div',
        { className: 'swagger-ui' },
        React.createElement(getComponent('operations', true)),
      ),
    OperationTag: ({ children }) => React.createElement('div', null, children),
    OperationSummary: () => null,
  },
});

async function show(details: HTMLDetailsElement): Promise<void> {
  const { method = '', path = '' } = details.dataset;
  const place = details.querySelector('div');
  if (place === null || !details.open || details.dataset.shown !== undefined) return;
  details.dataset.shown = '';
  loading ??= load();
  const { render, openapi } = await loading;
  render({
    spec: { ...openapi, paths: { [path]: { [method]: openapi.paths[path]?.[method] } } },
    domNode: place,
    // Links inside the buttons of operations would be nested controls.
    deepLinking: false,
    // Requests with the session need a header that Swagger UI does not send.
    supportedSubmitMethods: [],
    docExpansion: 'full',
    syntaxHighlight: false,
    layout: 'OnlyOperations',
    plugins: [onlyOperations],
  });
}

/** Opens the operation that the address names: `/docs#executeWorkflow`. */
function openNamed(): void {
  const named = document.getElementById(location.hash.slice(1));
  if (named instanceof HTMLDetailsElement) named.open = true;
}

for (const details of document.querySelectorAll<HTMLDetailsElement>('details.operation')) {
  details.addEventListener('toggle', () => void show(details));
}
addEventListener('hashchange', openNamed);
openNamed();
