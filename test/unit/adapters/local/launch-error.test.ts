import { expect, it } from '@jest/globals';
import { launchFailed } from '../../../../app/adapters/docker/launch-errors.ts';
import { launchError } from '../../../../app/adapters/local/launch-error.ts';

it.each([
  ['EAGAIN', 'no_capacity'],
  ['EMFILE', 'no_capacity'],
  ['ENFILE', 'no_capacity'],
  ['ENOMEM', 'no_capacity'],
  ['EIO', 'no_capacity'],
  ['EROFS', 'no_capacity'],
  ['ENOSPC', 'storage_full'],
  ['EDQUOT', 'storage_full'],
  ['ENOENT', 'launch_failed'],
])('a process that cannot be started with %s is launched again if that passes: %s', (code, expected) => {
  const cause = Object.assign(new Error(`spawn ${code}`), { code });
  expect(launchError(cause, 'The runner could not be started', '').code).toBe(expected);
});

it.each([
  ['could not find an available, non-overlapping IPv4 address pool among the defaults', 'no_capacity'],
  ['failed to create task: fork/exec /usr/bin/runc: resource temporarily unavailable', 'no_capacity'],
  ['write /var/lib/docker/tmp/x: no space left on device', 'storage_full'],
  ['No such image: berth-runner', 'launch_failed'],
])('a container that cannot be started is launched again if that passes: %s', (text, expected) => {
  expect(launchFailed(new Error(`(HTTP code 500) server error - ${text}`)).code).toBe(expected);
});
