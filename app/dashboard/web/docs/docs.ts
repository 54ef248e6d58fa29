import SwaggerUIBundle from 'swagger-ui-dist/swagger-ui-es-bundle.js';

const scheme = matchMedia('(prefers-color-scheme: dark)');

function applyScheme(): void {
  document.documentElement.classList.toggle('dark-mode', scheme.matches);
}

applyScheme();
scheme.addEventListener('change', applyScheme);
SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#docs',
  // Links inside the buttons of operations would be nested controls.
  deepLinking: false,
  // Requests with the session need a header that Swagger UI does not send.
  supportedSubmitMethods: [],
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
});
