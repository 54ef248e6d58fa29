import base from './jest.config.js';

/** Tests against moto and DynamoDB Local: started by `npm run test:aws`. */
export default {
  ...base,
  testMatch: ['<rootDir>/test/aws/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // The one of the other tests builds what these do not need.
  globalSetup: undefined,
  // One stand-in of AWS serves them all.
  maxWorkers: 1,
  testTimeout: 180_000,
};
