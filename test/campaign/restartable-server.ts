import type { BerthProcess } from '../helpers/crashing-berth.ts';
import type { CampaignServer } from './actions.ts';

export interface RestartableServer extends CampaignServer {
  /** Where the server is now: it moves when it is started again. */
  readonly url: string;
  readonly kills: number;
  /** Why it is dead although it was not killed, or did not start again. */
  readonly failure: Error | undefined;
  /** @throws Error if the server is dead. */
  refuseDead(): void;
  stop(): Promise<void>;
}

/** A server that is killed and started again. One that does not start is dead from then on. */
export async function restartableServer(start: () => Promise<BerthProcess>): Promise<RestartableServer> {
  let failure: Error | undefined;
  let kills = 0;
  let current = await begin();

  async function begin(): Promise<BerthProcess> {
    const started = await start();
    void started.ended.then((signal) => {
      if (signal !== 'SIGKILL') failure ??= new Error(`the server ended by itself (${signal ?? 'exit'})`);
    });
    return started;
  }

  return {
    get url() {
      return current.url;
    },
    get pid() {
      return current.pid;
    },
    get kills() {
      return kills;
    },
    get failure() {
      return failure;
    },
    async restart() {
      await current.stop();
      kills += 1;
      try {
        current = await begin();
      } catch (cause) {
        failure = new Error(`the server did not start again after kill ${kills}: ${String(cause)}`);
        throw failure;
      }
    },
    refuseDead() {
      if (failure !== undefined) throw failure;
    },
    stop: () => current.stop(),
  };
}
