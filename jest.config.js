/** Unit, property, adapter and end-to-end tests that need the npm registry and nothing else. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript' },
          experimental: { keepImportAttributes: true },
        },
        module: { type: 'es6' },
      },
    ],
  },
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/test/(aws|container|browser|terraform|bench|action-e2e)/'],
  // Much of it waits for programs that it has started; by default one core would be left idle.
  maxWorkers: '100%',
  reporters: ['default', '<rootDir>/test/helpers/failed-files-reporter.mjs'],
  globalSetup: '<rootDir>/test/helpers/global-setup.ts',
  globalTeardown: '<rootDir>/test/helpers/global-teardown.ts',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.berth/'],
  // Far more than any test takes, on a machine that does ten other things too: what waits for something gives up first,
  // and says for what.
  testTimeout: 900_000,
};
