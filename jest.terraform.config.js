import base from './jest.config.js';

/** The Terraform modules: started by `npm run test:terraform`, which finds Terraform and the AWS provider. */
export default {
  ...base,
  globalSetup: '<rootDir>/test/helpers/build-bundles.ts',
  globalTeardown: undefined,
  // Set by the bundler where the functions are built.
  globals: { berthVersion: '0.0.0' },
  testMatch: ['<rootDir>/test/terraform/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // Each Terraform starts a provider of several hundred megabytes.
  maxWorkers: 1,
};
