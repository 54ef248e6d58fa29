import base from './jest.config.js';

/** The committed bundle of the action against an embedded Berth: started by `npm run test:action`. */
export default {
  ...base,
  globalSetup: '<rootDir>/test/helpers/build-bundles.ts',
  globalTeardown: undefined,
  testMatch: ['<rootDir>/test/action-e2e/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // What is measured is measured alone.
  maxWorkers: 1,
};
