import { z } from 'zod';
import { type CaseDraft, draftCase } from '../result-case.ts';
import { outcomeOf } from '../result-words.ts';

const text = z.string().nullish().catch(undefined);
const number = z.number().nullish().catch(undefined);

/** https://ctrf.io/docs/full-schema */
const ctrfSchema = z.object({
  results: z.object({
    tests: z.array(
      z.object({
        name: z.string(),
        status: z.string(),
        duration: number,
        suite: z
          .union([z.string(), z.array(z.string())])
          .nullish()
          .catch(undefined),
        message: text,
        trace: text,
        filePath: text,
        line: number,
        flaky: z.boolean().nullish().catch(undefined),
        stdout: z.array(z.string()).nullish().catch(undefined),
        stderr: z.array(z.string()).nullish().catch(undefined),
      }),
    ),
  }),
});

/** `jest --json` and vitest's `json` reporter. */
const jestSchema = z.object({
  numTotalTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: text,
      message: text,
      assertionResults: z.array(
        z.object({
          title: z.string(),
          status: z.string(),
          ancestorTitles: z.array(z.string()).catch([]),
          duration: number,
          failureMessages: z.array(z.string()).nullish().catch(undefined),
          location: z.object({ line: z.number() }).nullish().catch(undefined),
          invocations: number,
        }),
      ),
    }),
  ),
});

const mochaTestSchema = z.object({
  title: z.string(),
  fullTitle: z.string(),
  file: text,
  duration: number,
  currentRetry: number,
  err: z.object({ message: text, stack: text }).catch({}),
});
/** `mocha --reporter json` */
const mochaSchema = z.object({
  stats: z.object({ passes: z.number() }),
  tests: z.array(mochaTestSchema),
  pending: z.array(mochaTestSchema).catch([]),
  failures: z.array(mochaTestSchema),
});

/** `rspec --format json` */
const rspecSchema = z.object({
  examples: z.array(
    z.object({
      description: z.string(),
      full_description: z.string(),
      status: z.string(),
      file_path: text,
      line_number: number,
      run_time: number,
      exception: z
        .object({ class: text, message: text, backtrace: z.array(z.string()).nullish() })
        .nullish()
        .catch(undefined),
    }),
  ),
  summary_line: z.string(),
});

const readers: readonly ((document: unknown) => CaseDraft[] | undefined)[] = [
  (document) => ctrfSchema.safeParse(document).data?.results.tests.map(ctrfCase),
  (document) => jestSchema.safeParse(document).data?.testResults.flatMap(jestCases),
  (document) => {
    const found = mochaSchema.safeParse(document).data;
    return found && mochaCases(found);
  },
  (document) => rspecSchema.safeParse(document).data?.examples.map(rspecCase),
];

/**
 * Reads CTRF, and the JSON of jest, vitest, mocha and rspec.
 *
 * @returns undefined if the document has another format
 */
export function readJsonResults(document: unknown): CaseDraft[] | undefined {
  for (const read of readers) {
    const drafts = read(document);
    if (drafts !== undefined) return drafts;
  }
  return undefined;
}

function ctrfCase(test: z.infer<typeof ctrfSchema>['results']['tests'][number]): CaseDraft {
  const { suite } = test;
  return {
    ...draftCase(test.name, Array.isArray(suite) ? suite.join(' > ') : (suite ?? ''), outcomeOf(test.status)),
    durationSeconds: (test.duration ?? 0) / 1000,
    flaky: test.flaky ?? false,
    message: test.message ?? undefined,
    trace: test.trace ?? '',
    output: [...(test.stdout ?? []), ...(test.stderr ?? [])].join('\n'),
    file: test.filePath ?? undefined,
    line: test.line ?? undefined,
  };
}

function jestCases(file: z.infer<typeof jestSchema>['testResults'][number]): CaseDraft[] {
  if (file.assertionResults.length === 0 && file.status === 'failed') {
    return [{ ...draftCase(file.name, file.name, 'failed'), trace: file.message ?? '', file: file.name }];
  }
  return file.assertionResults.map((test) => ({
    ...draftCase(test.title, test.ancestorTitles.join(' > '), outcomeOf(test.status)),
    durationSeconds: (test.duration ?? 0) / 1000,
    flaky: (test.invocations ?? 1) > 1,
    trace: (test.failureMessages ?? []).join('\n\n'),
    file: file.name,
    line: test.location?.line,
  }));
}

function mochaCases({ tests, pending, failures }: z.infer<typeof mochaSchema>): CaseDraft[] {
  const keys = (list: typeof tests) => new Set(list.map(keyOf));
  const [skipped, failed] = [keys(pending), keys(failures)];
  // A hook that failed is among the failures only.
  const hooks = failures.filter((each) => !keys(tests).has(keyOf(each)));
  return [...tests, ...hooks].map((test) => {
    const outcome = failed.has(keyOf(test)) ? 'failed' : skipped.has(keyOf(test)) ? 'skipped' : 'passed';
    const group = test.fullTitle.slice(0, Math.max(0, test.fullTitle.length - test.title.length)).trim();
    return {
      ...draftCase(test.title, group, outcome),
      durationSeconds: (test.duration ?? 0) / 1000,
      flaky: (test.currentRetry ?? 0) > 0,
      message: test.err.message ?? undefined,
      trace: test.err.stack ?? '',
      file: test.file ?? undefined,
    };
  });
}

function keyOf({ fullTitle, file }: z.infer<typeof mochaTestSchema>): string {
  return `${file ?? ''}\n${fullTitle}`;
}

function rspecCase(test: z.infer<typeof rspecSchema>['examples'][number]): CaseDraft {
  const { description, full_description: full, exception } = test;
  const group = full.endsWith(description) ? full.slice(0, full.length - description.length).trim() : full;
  return {
    ...draftCase(description, group, outcomeOf(test.status)),
    durationSeconds: test.run_time ?? 0,
    message: exception?.message?.trim() ?? undefined,
    trace: (exception?.backtrace ?? []).join('\n'),
    file: test.file_path?.replace(/^\.\//, ''),
    line: test.line_number ?? undefined,
  };
}
