import type { Api } from '../api.ts';
import { securitySchemes } from '../describe-endpoint.ts';

const description = `Runs tests of a branch in a fresh container, on a held stack.

Every error answers with a \`code\` for programs, a \`message\` for people and often a \`hint\`; routes of workflows say
the message under \`error\` as well. Every answer carries \`X-Request-Id\`, which the server's log names too.`;

/** `GET /openapi.json`: every route that was added before the first request. Built on demand, because it takes time. */
export function addOpenapiRoute({ app, deps }: Api): void {
  for (const [name, scheme] of Object.entries(securitySchemes)) {
    app.openAPIRegistry.registerComponent('securitySchemes', name, scheme);
  }
  const makeDocument = () =>
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Berth',
        version: deps.version,
        description,
        license: { name: 'MIT' },
      },
      servers: [{ url: deps.publicUrl }],
      tags: [
        { name: 'Workflows', description: 'Runs of tests.' },
        { name: 'Stacks', description: 'Named environments that a branch can hold.' },
        { name: 'Projects', description: 'What owns stacks, workflows and keys.' },
        { name: 'Keys', description: 'API keys and what they may do.' },
        { name: 'Objects', description: 'What runners fetch and leave, where there is no S3.' },
        { name: 'Server', description: 'Is it well?' },
      ],
    });
  let document: ReturnType<typeof makeDocument> | undefined;
  app.get('/openapi.json', (c) => {
    document ??= makeDocument();
    return c.json(document);
  });
}
