import type { Command } from 'commander';
import { nearestName } from '../lib/nearest-name.ts';
import { usageError } from './cli-error.ts';
import { visible } from './visible-text.ts';

/**
 * The default command of a group: `berth stacks` lists. A mistyped command of the group
 * arrives as an argument, and gets the same error as without a default.
 */
export function defaultCommand(group: Command, name: string): Command {
  return group
    .command(name, { isDefault: true })
    .allowExcessArguments()
    .hook('preAction', (_, command) => {
      const [word] = command.args;
      if (word === undefined) return;
      const names = group.commands.map((one) => one.name());
      const near = nearestName(word, names);
      throw usageError(
        `berth ${group.name()} has no command ${visible(word)}.`,
        near === undefined ? `It has: ${names.join(', ')}.` : `Did you mean ${near}?`,
      );
    });
}
