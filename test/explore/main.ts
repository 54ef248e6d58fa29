import { option } from '../campaign/options.ts';
import { playDeploys } from './deploy-protocol.ts';
import { explore, type Schedule } from './play.ts';
import { playProtocol } from './protocol.ts';
import { playTeardown } from './teardown-protocol.ts';

/**
 * Explores the protocol of hold, launch, cancel and release, that of a teardown that fails, and that of deployments: every schedule with at most so many preemptions, without a
 * crash and with one at every step.
 *
 * `npm run explore -- --preemptions 2 --crashes 1`
 */
const preemptions = option('preemptions', 1);
const crashes = option('crashes', 1) === 0 ? 0 : 1;
for (const [name, play] of Object.entries({
  holds: playProtocol,
  teardowns: playTeardown,
  deploys: playDeploys,
})) {
  const played = await explore({ preemptions, crashes }, async (schedule) => {
    try {
      return await play(schedule);
    } catch (error) {
      throw new Error(`${name}, schedule ${textOf(schedule)}: ${error}`, { cause: error });
    }
  });
  process.stdout.write(
    `${name}: ${played} schedules with at most ${preemptions} preemptions and ${crashes} crashes: 0 violations\n`,
  );
}

function textOf({ preemptions: at, crashAt }: Schedule): string {
  return JSON.stringify({ preemptions: [...at], crashAt });
}
