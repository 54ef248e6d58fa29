import base from './jest.config.js';

/** Tests that drive the dashboard in a real Chromium: `npm run test:browser`. */
export default {
  ...base,
  globalSetup: '<rootDir>/test/helpers/build-bundles.ts',
  globalTeardown: undefined,
  testMatch: ['<rootDir>/test/browser/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
