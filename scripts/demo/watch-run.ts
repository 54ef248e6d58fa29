import type { Workflow, WorkflowStatus } from '../../app/client/api-types.ts';
import { isTerminal } from '../../app/core/model/run-state.ts';
import type { Stage } from './stage.ts';

/** The events of a run, as a client sees them. */
export interface Sight {
  /** The run acquired a stack. */
  held(stackName: string): void;
  /** The run waits for a stack at this position. */
  waiting(position: number): void;
  logged(line: string): void;
  ended(run: Workflow): void;
}

const lookEveryMilliseconds = 200;

/** Follows a run with the public API, like any client. @returns the ended run. */
export async function watchRun({ api, pause }: Stage, id: string, sight: Sight): Promise<Workflow> {
  let before: Pick<WorkflowStatus, 'stack_name' | 'waiting'> = { stack_name: null, waiting: null };
  let cursor: string | undefined;
  for (;;) {
    const status = await api.runStatus(id);
    const place = status.waiting?.position ?? null;
    if (place !== null && place !== (before.waiting?.position ?? null)) sight.waiting(place);
    if (status.stack_name !== null && status.stack_name !== before.stack_name) sight.held(status.stack_name);
    before = status;

    const page = await api.logPage(id, cursor);
    cursor = page.cursor;
    for (const { text } of page.lines) sight.logged(text);
    if (isTerminal(status.state) && page.complete) break;
    await pause(lookEveryMilliseconds);
  }
  const run = await api.run(id);
  sight.ended(run);
  return run;
}
