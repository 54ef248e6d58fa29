import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findFiles } from '../../runner-image/src/find-files.ts';
import { type CollectTestsOptions, collectTests } from '../../runner-image/src/results/collect-tests.ts';
import { resultGlobs } from '../../runner-image/src/results/find-result-files.ts';

export type CheckoutFiles = Readonly<Record<string, string | Buffer>>;

/** Writes files into a new directory. `ROOT` in a text stands for the path of the directory. */
export async function checkoutWith(files: CheckoutFiles): Promise<string> {
  const checkout = await mkdtemp(join(tmpdir(), 'berth-test-checkout-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(checkout, path)), { recursive: true });
    const written = typeof content === 'string' ? content.replaceAll('ROOT', checkout) : content;
    await writeFile(join(checkout, path), written);
  }
  return checkout;
}

/** Collects the results of a checkout as the runner does. */
export async function collectResults(files: CheckoutFiles, options: Partial<CollectTestsOptions> = {}) {
  const checkout = options.checkout ?? (await checkoutWith(files));
  const globs = options.globs ?? [];
  const { matches, paths } = await findFiles({ checkout, sets: { junit: resultGlobs(globs) } });
  return collectTests({
    checkout,
    globs,
    candidates: matches.junit,
    paths,
    commandPassed: false,
    writtenSinceMs: 0,
    output: [],
    mask: (text) => text,
    ...options,
  });
}
