import type { Installation, Places } from './installation.ts';
import { type Command, failed, runShown, shellText, type World } from './world.ts';

/**
 * One step. It checks what exists before it changes anything, so that it can be interrupted anywhere and repeated: no
 * file records the progress of an installation.
 */
export interface Step {
  readonly title: string;
  /** The commands of the step, for `--plan`. */
  readonly commands: readonly Command[];
  /** @returns what already exists; undefined if the step must run. */
  readonly done: () => Promise<string | undefined>;
  readonly run: () => Promise<void>;
}

export interface StepContext {
  readonly world: World;
  readonly installation: Installation;
  readonly places: Places;
  readonly account: string;
  readonly imageTag: string;
  /** Whether an earlier command created the repository of the runner's image. */
  readonly hasRepository: boolean;
  /** Builds the functions even if there is a zip file. */
  readonly rebuilds: boolean;
  readonly isProtected: boolean;
  /** Applies without a question. */
  readonly yes: boolean;
  /** Creates an API key: what the person keeps, and what Berth stores. */
  readonly mintKey: () => { readonly plain: string; readonly id: string; readonly hash: string };
}

export const never = async (): Promise<undefined> => undefined;

/** A step that runs commands which may all be repeated. */
export function commandStep(
  context: StepContext,
  title: string,
  commands: readonly Command[],
  done: Step['done'] = never,
): Step {
  return {
    title,
    commands,
    done,
    async run() {
      for (const command of commands) await runShown(context.world, command);
    },
  };
}

export const aws = (...args: readonly string[]): Command => ({ program: 'aws', args });

/** The command that shows the log of a function. It works with versions 1 and 2 of the AWS CLI, unlike `aws logs tail`. */
export function showLog({ installation }: StepContext, functionName: string): string {
  const log = ['--region', installation.region, '--log-group-name', `/aws/lambda/${functionName}`];
  return shellText(
    aws('logs', 'filter-log-events', ...log, '--query', 'events[].message', '--output', 'text'),
  );
}

export function terraform({ places }: StepContext, ...args: readonly string[]): Command {
  return { program: 'terraform', args: [`-chdir=${places.directory}`, ...args] };
}

/** Runs a command without showing its output, to find out whether something exists. */
export async function succeeds({ world }: Pick<StepContext, 'world'>, command: Command): Promise<boolean> {
  return (await world.run(command, 'capture')).exitCode === 0;
}

/** Reads an output of the applied configuration. */
export async function outputOf(context: StepContext, name: string): Promise<unknown> {
  const command = terraform(context, 'output', '-json', name);
  const end = await context.world.run(command, 'capture');
  if (end.exitCode !== 0) throw failed(command, end);
  return JSON.parse(end.stdout);
}
