import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { startServer } from '../../helpers/server-process.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

/** Far more than one address may fail, even while a slow machine lets the time pass in which some are allowed again. */
const guesses = 300;

it('a server makes who guesses keys wait, by the address that the proxy in front of it names', async () => {
  const directory = await temporaryDirectory();
  const server = await startServer(join(directory.path, 'data'));
  const show = async (key: string, address: string) => {
    const headers = { 'x-api-key': key, 'x-forwarded-for': address };
    return (await fetch(`${server.url}/listStacks`, { headers })).status;
  };
  try {
    const answers = [];
    for (let tried = 0; tried < guesses && answers.at(-1) !== 429; tried += 1) {
      answers.push(await show(`guess-${tried}`, '198.51.100.1'));
    }
    expect(new Set(answers)).toEqual(new Set([401, 429]));
    expect(await show('another guess', '198.51.100.2')).toBe(401);
    expect(await show(server.apiKey, '198.51.100.2')).toBe(200);
  } finally {
    await server.stop();
    await directory.remove();
  }
});
