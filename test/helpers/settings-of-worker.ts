import { z } from 'zod';

/**
 * Gives the test file the servers and folders of its worker, so that the workers of a suite do not share them. The
 * suite's script sets the variable: a list with the environment of each worker.
 */
const given = process.env.BERTH_TEST_WORKERS;
if (given !== undefined) {
  const workers = z.array(z.record(z.string(), z.string())).parse(JSON.parse(given));
  Object.assign(process.env, workers[Number(process.env.JEST_WORKER_ID) - 1]);
}
