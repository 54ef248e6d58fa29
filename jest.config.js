const swc = (parser) => [
  '@swc/jest',
  {
    jsc: {
      target: 'es2022',
      parser,
      transform: { react: { runtime: 'automatic', importSource: 'preact' } },
      experimental: { keepImportAttributes: true },
    },
    module: { type: 'es6' },
  },
];

/**
 * One configuration for every suite. `npm test` selects `unit`, which needs the npm registry and nothing else; each
 * other project has its own script (`npm run test:<project>`) that installs or names what it needs.
 */
const base = {
  rootDir: import.meta.dirname ?? new URL('.', import.meta.url).pathname,
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/test/helpers/disable-old-storages.ts'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.ts$': swc({ syntax: 'typescript' }),
    '^.+\\.tsx$': swc({ syntax: 'typescript', tsx: true }),
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.berth/'],
  // esbuild defines it where the functions are bundled.
  globals: { berthVersion: '0.0.0' },
};

const bundles = '<rootDir>/test/helpers/build-bundles.ts';

/** A suite of system tests: the files below `test/system/<folder>`. */
const system = (displayName, folders, options = {}) => ({
  ...base,
  displayName,
  testMatch: folders.map((folder) => `<rootDir>/test/system/${folder}/**/*.test.ts`),
  globalSetup: bundles,
  ...options,
});

// Suites whose script starts servers for each worker.
const ofWorker = { setupFiles: ['<rootDir>/test/helpers/settings-of-worker.ts'] };

const globalTeardown = '<rootDir>/test/helpers/global-teardown.ts';
const ownDirectory = { globalSetup: '<rootDir>/test/helpers/bundles-and-directory.ts', globalTeardown };

export default {
  reporters: ['default', '<rootDir>/test/helpers/failed-files-reporter.mjs'],
  // Far more than any test takes on a busy machine: what waits for something gives up first, and says for what.
  testTimeout: 900_000,
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/{unit,contract}/**/*.test.ts'],
      globalSetup: '<rootDir>/test/helpers/global-setup.ts',
      globalTeardown,
    },
    system(
      'server',
      [
        'adapters',
        'cli',
        'demo',
        'e2e',
        'github',
        'github-app',
        'github-stand-in',
        'lambda',
        'runner',
        'scripts',
      ],
      ownDirectory,
    ),
    system('action', ['action']),
    system('aws', ['aws'], ofWorker),
    system('browser', ['browser']),
    system('container', ['container'], { globalSetup: undefined }),
    system('terraform', ['terraform'], ofWorker),
    system('security', ['security'], ownDirectory),
  ],
};
