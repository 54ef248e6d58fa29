import base from './jest.config.js';

/** Tests against moto and DynamoDB Local: started by `npm run test:aws`. */
export default {
  ...base,
  globalSetup: '<rootDir>/test/helpers/build-bundles.ts',
  globalTeardown: undefined,
  testMatch: ['<rootDir>/test/aws/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // The bundles of the functions have it from package.json.
  globals: { berthVersion: '0.0.0' },
  // One stand-in of AWS serves them all.
  maxWorkers: 1,
};
