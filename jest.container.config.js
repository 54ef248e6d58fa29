import base from './jest.config.js';

/** Tests with a Docker engine: started by `npm run test:container`, which also builds what they use. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/container/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  maxWorkers: 1,
};
