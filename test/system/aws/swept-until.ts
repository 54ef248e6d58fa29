/**
 * Waits while the schedule runs every second instead of every minute: the schedule finds messages that were lost.
 */
export async function sweptUntil<Result>(wait: () => Promise<Result>): Promise<Result> {
  // Loaded late: it reads its configuration as it is when it is first used.
  const { handler } = await import('../../../app/lambda/schedule.ts');
  let over = false;
  const sweeping = (async () => {
    while (!over) {
      await handler({ task: 'sweep' }).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 1_000));
    }
  })();
  try {
    return await wait();
  } finally {
    over = true;
    await sweeping;
  }
}
