import { beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { ObjectServer } from '../../../app/http/http-deps.ts';
import { clientOf, httpWorld } from './http-world.ts';

const objectServer: ObjectServer = {
  verify: () => ({ key: 'x', method: 'GET' }),
  putStream: async () => {},
  onWritten: () => {},
};

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly security?: readonly unknown[];
  readonly responses?: Readonly<Record<string, Answer>>;
}

interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly enum?: readonly unknown[];
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

const w = httpWorld({ objectServer });
// biome-ignore lint/suspicious/noExplicitAny: a document whose shape the validator checks.
let document: any;
let operations: { name: string; operation: Operation }[];

beforeAll(async () => {
  document = (await clientOf(w.app).get('/openapi.json')).body;
  operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ name: `${method.toUpperCase()} ${path}`, operation }];
    }),
  );
});

describe('/openapi.json', () => {
  it('is a valid OpenAPI 3.1 document, served without a key', async () => {
    expect(document.openapi).toBe('3.1.0');
    expect(await new Validator().validate(structuredClone(document))).toMatchObject({ valid: true });
  });

  it('describes every route, and no other', () => {
    const routes = w.app.routes
      .filter(({ method, path }) => method !== 'ALL' && path !== '/openapi.json')
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)(\{\[\^\]\+\})?/g, '{$1}')}`);
    expect(operations.map(({ name }) => name).sort()).toEqual([...new Set(routes)].sort());
  });

  it('gives every operation a unique name, a summary, and its responses', () => {
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(operations.length);
    for (const { name, operation } of operations) {
      const statuses = Object.keys(operation.responses ?? {});
      expect({ name, summary: operation.summary, statuses }).toEqual({
        name,
        summary: expect.stringMatching(/./),
        statuses: expect.arrayContaining(['500', expect.stringMatching(/^[23]/)]),
      });
    }
  });

  it('states for every operation whether it needs a key', async () => {
    for (const { name, operation } of operations) {
      const [method = '', path = ''] = name.split(' ');
      const { status } = await clientOf(w.app).raw(path.replace(/\{\w+\}/g, 'x'), { method });
      expect({ name, needsKey: operation.security?.length !== 0 }).toEqual({
        name,
        needsKey: status === 401,
      });
    }
  });

  it('gives fields of request bodies no defaults, which generated clients would require', () => {
    for (const name of ['WorkflowRequest', 'StackRequest', 'NewKey', 'NewProject', 'RetestRequest']) {
      const schema = JSON.stringify(document.components.schemas[name] ?? `${name} is missing`);
      expect(schema).not.toMatch(/"default":|is missing/);
    }
  });

  it('names every JSON answer, so that generated types have names that people can use', () => {
    for (const { name, operation } of operations) {
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        const schema = response.content?.['application/json']?.schema;
        if (schema !== undefined)
          expect({ name, status, schema }).toEqual({ name, status, schema: { $ref: expect.any(String) } });
      }
    }
  });

  it('gives every error a body, so that generated clients can read its code', () => {
    for (const { name, operation } of operations) {
      for (const [status, { content }] of Object.entries(operation.responses ?? {})) {
        if (/^[45]/.test(status))
          expect({ name, status, content }).toEqual({ name, status, content: expect.anything() });
      }
    }
  });

  it('has no schema with the name that generators give to a field of another', () => {
    const pascal = (text: string) =>
      text.replace(/(?:^|_)(\w)/g, (_, letter: string) => letter.toUpperCase());
    for (const [name, schema] of Object.entries<Schema>(document.components.schemas)) {
      for (const [field, type] of Object.entries(schema.properties ?? {})) {
        // A reference has its own name.
        if (type.properties !== undefined || type.enum !== undefined)
          expect(Object.keys(document.components.schemas)).not.toContain(name + pascal(field));
      }
    }
  });

  it('uses what generators for version 3.0 understand', () => {
    expect(/"exclusiveM\w+/.exec(JSON.stringify(document))).toBeNull();
    expect(document.info.license.url).toMatch(/MIT/);
  });

  it('names the fields of requests and responses', () => {
    const { WorkflowRequest, Error: error } = document.components.schemas;
    expect(WorkflowRequest.required).toEqual(['repo_url', 'branch', 'test_command']);
    expect(WorkflowRequest.properties.cpu).toMatchObject({
      type: 'number',
      description: expect.stringMatching(/Default: 1024\.$/),
    });
    expect(error.properties.code).toEqual({ $ref: '#/components/schemas/ErrorCode' });
    expect(document.components.schemas.ErrorCode.enum).toContain('stack_none_free');
  });
});

describe('the descriptions in the OpenAPI document', () => {
  it('name their subject: a reader sees each next to a name only', () => {
    const vague = descriptionsIn(document).filter((text) => /^(?:Of|Those|These|It|They)\b/.test(text));
    expect(vague).toEqual([]);
  });
});

function descriptionsIn(part: unknown): string[] {
  if (part === null || typeof part !== 'object') return [];
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'description' && typeof value === 'string' ? [value] : descriptionsIn(value),
  );
}
