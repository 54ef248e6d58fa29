/**
 * Checks the Terraform modules: the text of all HCL files; then with Terraform and the AWS provider `terraform validate`,
 * `terraform test`, and an apply on moto's server; with tflint, which is built from the Go module proxy once; and with
 * checkov from PyPI. A check that needs a missing program is skipped, with a message that names the program; in CI the
 * others run, and the suite fails.
 * Arguments go to jest: `npm run test:terraform -- test/system/terraform/text/least-privilege.test.ts`.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installFromPypi, installMoto } from './aws-servers/install.mjs';
import { startMoto } from './aws-servers/start.mjs';
import { noAccount, withServers } from './aws-servers/with-servers.mjs';
import { findProvider } from './terraform/find-provider.mjs';
import { attempt } from './terraform/programs.mjs';
import { Missing } from './testing/missing.mjs';
import { exitWith, runJest, runJestWorkers } from './testing/run-jest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'terraform');
const cache = join(root, '.cache', 'terraform');
// Terraform waits for propagation more than it works.
const workers = 3;
/** @type {string[]} */
const skippedChecks = [];

async function main() {
  await mkdir(cache, { recursive: true });
  const { ok, output } = await attempt('terraform', ['version']);
  if (!ok) {
    skipped(`terraform is not installed (${output.trim()})`, 'Put terraform 1.9 or later on the PATH.');
    return await runJest('terraform', given('test/system/terraform/text/'), {});
  }
  console.log(`terraform: ${output.split('\n')[0]}`);
  const provider = await findProvider('terraform', cache);
  if ('why' in provider) {
    skipped(
      `no source has the AWS provider (${provider.why})`,
      'Let terraform reach its registry, or set a mirror in the file of TF_CLI_CONFIG_FILE (`terraform providers mirror`).',
    );
    return await runJest(
      'terraform',
      given('test/system/terraform/text/', 'test/system/terraform/format'),
      {},
    );
  }
  console.log(`AWS provider: ${provider.version}`);
  await buildFunctions();
  const program = await installMoto(join(root, '.cache'));
  const starting = Array.from({ length: workers }, () => startMoto(program));
  return await withServers(starting, async (motos) => {
    const settings = await Promise.all(motos.map(({ url }, index) => settingsOfWorker(url, index)));
    return runJestWorkers('terraform', given('test/system/terraform/'), settings, {
      ...provider.settings,
      ...noAccount,
    });
  });
}

/** Each worker has an account, which is a server of moto, and a copy of the modules, because Terraform writes into their folders. */
async function settingsOfWorker(url, index) {
  const tree = join(cache, `tree-${index + 1}`);
  await rm(tree, { recursive: true, force: true });
  await cp(join(root, 'terraform'), join(tree, 'terraform'), { recursive: true });
  await mkdir(join(tree, 'dist'), { recursive: true });
  await cp(join(root, 'dist', 'lambda.zip'), join(tree, 'dist', 'lambda.zip'));
  return {
    BERTH_TEST_TERRAFORM_TREE: tree,
    AWS_ENDPOINT_URL: url,
    BERTH_TEST_MOTO_URL: url,
    BERTH_TEST_DYNAMODB_URL: url,
  };
}

function skipped(why, remedy, what = 'terraform validate, terraform test and the apply against moto') {
  console.warn(`SKIPPED because ${why}: ${what}. ${remedy}`);
  skippedChecks.push(what);
}

/** @returns {Promise<boolean>} whether tflint finds nothing, or is not available */
async function lintWithTflint() {
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
  const args = ['--recursive', `--config=${join(modules, '.tflint.hcl')}`];
  const { ok, output } = await attempt(program, args, { cwd: modules });
  console.log(ok ? 'tflint: no findings.' : output);
  return ok;
}

/** @returns {Promise<boolean>} whether checkov finds nothing that `.checkov.yaml` does not explain, or is not available */
async function lintWithCheckov() {
  let bin;
  try {
    const requirements = join(root, 'scripts', 'terraform', 'checkov.txt');
    bin = await installFromPypi(join(root, '.cache'), 'checkov', requirements);
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    skipped('checkov cannot be installed', error.message, 'checkov');
    return true;
  }
  const args = ['--config-file', '.checkov.yaml'];
  const { ok, output } = await attempt(join(bin, 'checkov'), args, { cwd: modules });
  console.log(ok ? 'checkov: no findings.' : output);
  return ok;
}

/** Builds the zip file that examples read from their checkout. */
async function buildFunctions() {
  const { ok, output } = await attempt('npm', ['run', '--silent', 'build:lambda'], { cwd: root });
  if (!ok) throw new Error(`the functions do not build:\n${output}`);
}

/** @returns the arguments of this command, or all files */
function given(...all) {
  const args = process.argv.slice(2);
  return args.length > 0 ? args : all;
}

await exitWith('The tests of the Terraform modules cannot run on this machine', async () => {
  const isLinted = [await lintWithTflint(), await lintWithCheckov()].every(Boolean);
  const code = await main();
  if (process.env.CI === 'true' && skippedChecks.length > 0) {
    throw new Missing(`with CI=true every check must run, and these did not: ${skippedChecks.join('; ')}`);
  }
  return isLinted ? code : 1;
});
