import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Missing } from '../testing/missing.mjs';
import { succeeds } from '../testing/succeeds.mjs';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Installs moto's server, a third-party implementation of AWS APIs, from PyPI.
 *
 * @param {string} cache folder that is kept between runs
 * @returns {Promise<string>} the program that starts it
 */
export async function installMoto(cache) {
  return join(await installFromPypi(cache, 'moto', join(here, 'requirements.txt')), 'moto_server');
}

/**
 * Installs Python packages from PyPI in a separate virtual environment.
 *
 * @param {string} cache folder that is kept between runs
 * @param {string} name for messages and for the folder
 * @param {string} requirements the file that names them
 * @returns {Promise<string>} the folder of their programs
 */
export async function installFromPypi(cache, name, requirements) {
  const folder = await folderFor(cache, name, requirements, async (target) => {
    const python = await firstThatWorks(
      ['python3', 'python'],
      ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))'],
    );
    if (python === undefined) {
      throw new Missing(
        `Python 3.10 or later is needed for ${name} (Debian: apt-get install python3 python3-venv).`,
      );
    }
    const environment = 'a Python virtual environment (Debian: apt-get install python3-venv)';
    await attempt(environment, python, ['-m', 'venv', target]);
    const pip = join(target, 'bin', 'pip');
    const options = ['install', '--quiet', '--disable-pip-version-check', '-r', requirements];
    await attempt(`${name} from PyPI (pip must reach an index)`, pip, options);
  });
  return join(folder, 'bin');
}

/**
 * Installs AWS's DynamoDB Local from Maven Central.
 *
 * @param {string} cache folder that is kept between runs
 * @returns {Promise<{command: string, args: string[]}>} the command that starts it
 */
export async function installDynamoDbLocal(cache) {
  const java = await firstThatWorks(['java'], ['-version']);
  if (java === undefined)
    throw new Missing('Java 17 or later is needed (Debian: apt-get install openjdk-17-jdk-headless).');
  const pom = join(here, 'pom.xml');
  const folder = await folderFor(cache, 'dynamodb-local', pom, async (target) => {
    const maven = await firstThatWorks(['mvn'], ['--version']);
    if (maven === undefined)
      throw new Missing('Maven is needed for DynamoDB Local (Debian: apt-get install maven).');
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${target}`];
    await attempt('DynamoDB Local from Maven Central', maven, ['-q', '-B', '-f', pom, ...goal]);
  });
  const classpath = [join(folder, '*'), folder].join(delimiter);
  const args = [`-Dsqlite4java.library.path=${folder}`, '-Dlog4j2.level=error', '-cp', classpath];
  return { command: java, args: [...args, join(here, 'DynamoDbOnLoopback.java')] };
}

/** Fills a folder named after the digest of its source, once. A failed attempt leaves nothing behind. */
async function folderFor(cache, name, source, fill) {
  const digest = createHash('sha256')
    .update(await readFile(source))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cache, `${name}-${digest}`);
  const whole = `${folder}.whole`;
  if (existsSync(whole)) return folder;
  await mkdir(cache, { recursive: true });
  await rm(folder, { recursive: true, force: true });
  await fill(folder);
  await writeFile(`${whole}.part`, '');
  await rename(`${whole}.part`, whole);
  return folder;
}

async function firstThatWorks(commands, args) {
  for (const command of commands) if (await succeeds(run(command, args))) return command;
  return undefined;
}

async function attempt(what, command, args) {
  try {
    await run(command, args, { maxBuffer: 64 * 1024 * 1024 });
  } catch (error) {
    const output = `${error.stdout ?? ''}${error.stderr ?? ''}`.trim().split('\n').slice(-15).join('\n');
    throw new Missing(`Could not install ${what}. \`${[command, ...args].join(' ')}\` said:\n${output}`);
  }
}
