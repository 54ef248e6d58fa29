/** Invalid credentials: AWS would reject a test that reaches it by mistake. */
export const noAccount = {
  AWS_ACCESS_KEY_ID: 'testing',
  AWS_SECRET_ACCESS_KEY: 'testing',
  AWS_SESSION_TOKEN: 'testing',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

/**
 * Runs something while servers run. An interrupt stops them too.
 *
 * @template Result
 * @param {readonly Promise<{url: string, stop: () => Promise<void>}>[]} starting
 * @param {(servers: {url: string, stop: () => Promise<void>}[]) => Promise<Result>} run
 * @returns {Promise<Result>}
 */
export async function withServers(starting, run) {
  const servers = await Promise.all(starting);
  const stop = () => Promise.all(servers.map((server) => server.stop()));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().then(() => process.exit(1)));
  try {
    return await run(servers);
  } finally {
    await stop();
  }
}
