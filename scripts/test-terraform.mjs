/**
 * Checks the Terraform modules: the text of all HCL files; then with Terraform and the AWS provider `terraform validate`,
 * `terraform test`, and an apply on moto's server; and with tflint, which is built from the Go module proxy once. A check
 * that needs a missing program is skipped, with a message that names the program.
 * Arguments go to jest: `npm run test:terraform -- test/system/terraform/text/least-privilege.test.ts`.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installMoto } from './aws-servers/install.mjs';
import { startServer } from './aws-servers/start.mjs';
import { findProvider } from './terraform/find-provider.mjs';
import { attempt } from './terraform/programs.mjs';
import { exitWith, runJest } from './testing/run-jest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache', 'terraform');
// Credentials of no account: AWS would refuse a call that reaches it by mistake.
const account = {
  AWS_ACCESS_KEY_ID: 'testing',
  AWS_SECRET_ACCESS_KEY: 'testing',
  AWS_SESSION_TOKEN: 'testing',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

async function main() {
  await mkdir(cache, { recursive: true });
  const { ok, output } = await attempt('terraform', ['version']);
  if (!ok) {
    skipped(`terraform is not installed (${output.trim()})`, 'Put terraform 1.9 or later on the PATH.');
    return await jest(['test/system/terraform/text/'], {});
  }
  console.log(`terraform: ${output.split('\n')[0]}`);
  const provider = await findProvider('terraform', cache);
  if ('why' in provider) {
    skipped(
      `no source has the AWS provider (${provider.why})`,
      'Let terraform reach its registry, or set a mirror in the file of TF_CLI_CONFIG_FILE (`terraform providers mirror`).',
    );
    return await jest(['test/system/terraform/text/', 'test/system/terraform/format'], {});
  }
  console.log(`AWS provider: ${provider.version}`);
  // Terraform writes into the folders of modules, so it gets a copy.
  const tree = join(cache, 'tree');
  await rm(tree, { recursive: true, force: true });
  await cp(join(root, 'terraform'), join(tree, 'terraform'), { recursive: true });
  await buildFunctions(join(tree, 'dist'));
  const moto = await startMoto();
  try {
    return await jest(['test/system/terraform/'], {
      ...provider.settings,
      ...account,
      BERTH_TEST_TERRAFORM_TREE: tree,
      AWS_ENDPOINT_URL: moto.url,
      BERTH_TEST_MOTO_URL: moto.url,
      BERTH_TEST_DYNAMODB_URL: moto.url,
    });
  } finally {
    await moto.stop();
  }
}

function skipped(why, remedy, what = 'terraform validate, terraform test and the apply against moto') {
  console.warn(`SKIPPED because ${why}: ${what}. ${remedy}`);
}

/** @returns {Promise<boolean>} whether tflint finds nothing, or is not available */
async function lint() {
  const bin = join(cache, 'bin');
  const program = join(bin, 'tflint');
  if (!existsSync(program)) {
    const module = 'github.com/terraform-linters/tflint@v0.64.0';
    console.log(`building ${module}`);
    const env = { ...process.env, GOBIN: bin };
    const built = await attempt('go', ['install', module], { env, timeoutSeconds: 1_800 });
    if (!built.ok) {
      const why = `tflint does not build (${built.output.trim().slice(-300)})`;
      skipped(why, 'Add Go to the PATH, and let it reach its module proxy.', 'tflint');
      return true;
    }
  }
  const modules = join(root, 'terraform');
  const args = ['--recursive', `--config=${join(modules, '.tflint.hcl')}`];
  const { ok, output } = await attempt(program, args, { cwd: modules });
  console.log(ok ? 'tflint: no findings.' : output);
  return ok;
}

/** Builds the zip file that examples read from their checkout. */
async function buildFunctions(dist) {
  const { ok, output } = await attempt('npm', ['run', '--silent', 'build:lambda'], { cwd: root });
  if (!ok) throw new Error(`the functions do not build:\n${output}`);
  await mkdir(dist, { recursive: true });
  await cp(join(root, 'dist', 'lambda.zip'), join(dist, 'lambda.zip'));
}

async function startMoto() {
  const program = await installMoto(join(root, '.cache'));
  const address = /Running on (http:\/\/127\.0\.0\.1:\d+)/;
  const server = await startServer('moto', program, ['-H', '127.0.0.1', '-p', '0'], address);
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => server.stop().then(() => process.exit(1)));
  return server;
}

function jest(all, settings) {
  const given = process.argv.slice(2);
  return runJest('terraform', ['--runInBand', ...(given.length > 0 ? given : all)], settings);
}

await exitWith('The tests of the Terraform modules cannot run on this machine', async () => {
  const isLinted = await lint();
  const code = await main();
  return isLinted ? code : 1;
});
