import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const run = promisify(execFile);
const script = 'terraform/examples/batch-demo/scripts/build-image.sh';

it('builds the tests on the runner with the names of the older sample, without any variable', async () => {
  const { PATH, HOME } = process.env;
  const { stderr } = await run(script, ['--dry-run'], { env: { PATH, HOME, CONTAINER_TOOL: 'true' } });
  expect(stderr).toContain('--target browser');
  const [, ofTests = ''] = stderr.split('describe-repositories');
  expect(ofTests).toContain('--repository-names batch-demo-repo');
  expect(ofTests).toContain('eu-west-1');
  expect(ofTests).toContain('--build-arg BASE_IMAGE=berth-runner:browser');
  expect(ofTests).toContain('--image-tag latest');
  expect(ofTests).toMatch(/batch-demo\/app\n/);
});
