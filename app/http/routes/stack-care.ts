import { cleanStack, tearDownStack } from '../../core/stacks/clean-stack.ts';
import { reserveStack, unreserveStack } from '../../core/stacks/reserve-stack.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import { namedStackSchema, reserveStackSchema, stackSchema } from '../schemas/stack.ts';
import { stackView } from '../views/stack-view.ts';
import { stackChange } from './route-kinds.ts';

/** Adds the routes for the care of a stack: cleaning it after a failed teardown, and reserving it. */
export function addStackCareRoutes(api: Api): void {
  addClean(api);
  addTearDown(api);
  addReserve(api);
  addUnreserve(api);
}

function addClean(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackChange,
      id: 'cleanStack',
      path: '/cleanStack',
      summary: 'Mark a dirty stack as clean',
      description:
        'The stack is available again, without another teardown. Not an error if the stack is already clean.',
      body: namedStackSchema,
      errors: ['stack_not_found', 'stack_held'],
      responses: jsonAnswer(200, 'The stack is clean.', stackSchema),
    },
    async (c, { target: { project }, body: { stackName } }) =>
      c.json(stackView(await cleanStack(api.deps, { project, stackName }), api.deps.clock.now())),
  );
}

function addTearDown(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackChange,
      id: 'tearDownStack',
      path: '/tearDownStack',
      summary: 'Run the teardown of a dirty stack again',
      body: namedStackSchema,
      errors: ['stack_not_found', 'stack_held', 'conflict'],
      responses: jsonAnswer(202, 'The teardown has started.', stackSchema),
    },
    async (c, { target: { project }, body: { stackName } }) =>
      c.json(stackView(await tearDownStack(api.deps, { project, stackName }), api.deps.clock.now()), 202),
  );
}

function addReserve(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackChange,
      id: 'reserveStack',
      path: '/reserveStack',
      summary: 'Reserve a stack for a person',
      description:
        'Until the end of the reservation the stack keeps its holder, is not torn down, and no other holder gets it. A second reservation replaces the first.',
      body: reserveStackSchema,
      errors: ['stack_not_found', 'stack_held'],
      responses: jsonAnswer(200, 'The stack is reserved.', stackSchema),
    },
    async (c, { target: { project, caller }, body }) => {
      const stack = await reserveStack(api.deps, { project, by: caller.actor, ...body });
      return c.json(stackView(stack, api.deps.clock.now()));
    },
  );
}

function addUnreserve(api: Api): void {
  addEndpoint(
    api,
    {
      ...stackChange,
      id: 'unreserveStack',
      path: '/unreserveStack',
      summary: 'End the reservation of a stack',
      description: 'Not an error if the stack is not reserved.',
      body: namedStackSchema,
      errors: ['stack_not_found'],
      responses: jsonAnswer(200, 'The stack is not reserved.', stackSchema),
    },
    async (c, { target: { project }, body: { stackName } }) =>
      c.json(stackView(await unreserveStack(api.deps, { project, stackName }), api.deps.clock.now())),
  );
}
