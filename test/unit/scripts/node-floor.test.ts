import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { minVersion, satisfies } from 'semver';

interface Package {
  readonly version?: string;
  readonly engines?: { readonly node?: string };
}

const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as Required<Package>;
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, Package>>;
};

describe('the oldest Node of package.json', () => {
  it('runs every package of the lock file, so npm ci prints no warning about engines', () => {
    const oldest = minVersion(engines.node ?? '')?.version ?? 'missing';
    const tooNew = Object.entries(lock.packages)
      .filter(([, { engines: needed }]) => needed?.node !== undefined && !satisfies(oldest, needed.node))
      .map(([path, { engines: needed }]) => `${path} needs Node ${needed?.node}`);
    expect(tooNew).toEqual([]);
  });
});
