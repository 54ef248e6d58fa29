import { compress } from 'hono/compress';
import type { Api, OpenapiDocument } from '../api.ts';
import { securitySchemes } from '../describe-endpoint.ts';
import { describeRequestDefaults } from '../request-defaults.ts';

const description = `Runs tests of a branch in a fresh container, on a held stack.

Every error has a \`code\` for programs, a \`message\` for people, and often a \`hint\`. Routes of workflows repeat the message
as \`error\`. Every response has an \`X-Request-Id\`, which is also in the server's log.`;

/**
 * `GET /openapi.json`: every route that was added before the first request. Built on demand, because it takes time.
 *
 * @returns a function that returns the document.
 */
export function addOpenapiRoute({ app, deps, descriptions }: Api): () => OpenapiDocument {
  const makeDocument = () => {
    for (const [name, scheme] of Object.entries(securitySchemes)) {
      app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
    }
    for (const describe of descriptions) app.openAPIRegistry.registerPath(describe());
    return app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Berth',
        version: deps.version,
        description,
        license: { name: 'MIT', url: 'https://spdx.org/licenses/MIT.html' },
      },
      servers: [{ url: deps.publicUrl }],
      tags: [
        { name: 'Workflows', description: 'Runs of tests.' },
        { name: 'Stacks', description: 'Named environments that a branch can hold.' },
        { name: 'Projects', description: 'Owners of stacks, workflows and keys.' },
        { name: 'Keys', description: 'API keys and their scopes.' },
        { name: 'Objects', description: 'Files that runners read and write on servers without S3.' },
        { name: 'Server', description: 'Health, webhooks and this description.' },
      ],
    });
  };
  let document: OpenapiDocument | undefined;
  const documentOnce = (): OpenapiDocument => {
    document ??= describeRequestDefaults(makeDocument());
    return document;
  };
  app.get('/openapi.json', compress(), (c) => c.json(documentOnce()));
  return documentOnce;
}
