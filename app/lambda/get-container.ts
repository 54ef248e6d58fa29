import { once } from '../lib/once.ts';
import { composeOnAws } from '../wiring/aws/container.ts';
import { parseAwsConfig } from '../wiring/config/aws-config.ts';
import { readEnvironment } from '../wiring/config/config.ts';

/** Returns the Berth of this instance of a function: all its invocations share clients, connections and secrets. */
export const getContainer = once(async () => composeOnAws(parseAwsConfig(readEnvironment())));
