import { type AwsBerth, composeOnAws } from '../wiring/aws/container.ts';
import { parseAwsConfig } from '../wiring/config/aws-config.ts';
import { readEnvironment } from '../wiring/config/config.ts';

let made: Promise<AwsBerth> | undefined;

/** Berth of this instance of a function: clients, connections and secrets are had once for all its invocations. */
export function getContainer(): Promise<AwsBerth> {
  if (made === undefined) {
    made = composeOnAws(parseAwsConfig(readEnvironment()));
    // A secret that could not be read this time may be there for the next invocation.
    made.catch(() => {
      made = undefined;
    });
  }
  return made;
}
