import { z } from 'zod';

/** One thing that a call needs, as IAM evaluates it. */
export interface IamRequest {
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

const texts = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());
const statementSchema = z.object({
  Effect: z.enum(['Allow', 'Deny']),
  Action: texts,
  Resource: texts,
  Condition: z.record(z.string(), z.record(z.string(), texts)).default({}),
});
const policySchema = z.object({ Statement: z.array(statementSchema) });
type Statement = z.output<typeof statementSchema>;

/** Evaluates policies of an identity: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
export function simulator(policies: readonly string[]) {
  const statements = policies.flatMap((policy) => policySchema.parse(JSON.parse(policy)).Statement);
  const matching = (request: IamRequest, effect: Statement['Effect']): boolean =>
    statements.some((statement) => statement.Effect === effect && applies(statement, request));
  return {
    allows: (request: IamRequest): boolean => matching(request, 'Allow') && !matching(request, 'Deny'),
    /** All actions that the policies allow for some resource. */
    actions: [
      ...new Set(statements.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action }) => Action)),
    ],
  };
}

function applies({ Action, Resource, Condition }: Statement, request: IamRequest): boolean {
  return (
    Action.some((action) => matches(action.toLowerCase(), request.action.toLowerCase())) &&
    Resource.some((resource) => matches(resource, request.resource)) &&
    Object.entries(Condition).every(([operator, conditions]) =>
      Object.entries(conditions).every(([key, values]) => isMet(operator, request.context[key], values)),
    )
  );
}

/** A condition on a key that the request does not have is not met. */
function isMet(operator: string, value: string | undefined, wanted: readonly string[]): boolean {
  if (value === undefined) return false;
  switch (operator) {
    case 'StringEquals':
      return wanted.includes(value);
    case 'StringLike':
    case 'ArnEquals':
    case 'ArnLike':
      return wanted.some((pattern) => matches(pattern, value));
    default:
      throw new Error(`the simulator does not know ${operator}`);
  }
}

function matches(pattern: string, text: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
}
