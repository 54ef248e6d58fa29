import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { attempt } from './programs.mjs';

/**
 * Finds the source of the AWS provider for Terraform: the settings of the user, a mirror on this machine, or the registry.
 *
 * @param {string} terraform the program
 * @param {string} cache folder that remains between runs
 * @returns {Promise<{settings: Record<string, string>, version: string} | {why: string}>} the environment that
 *   Terraform needs for it, or the reason why no source has it
 */
export async function findProvider(terraform, cache) {
  const folder = join(cache, 'probe');
  const plugins = join(cache, 'plugins');
  await mkdir(folder, { recursive: true });
  await mkdir(plugins, { recursive: true });
  await writeFile(join(folder, 'main.tf'), probe);
  const ways = [...own(), ...(await mirrors(cache)), { TF_PLUGIN_CACHE_DIR: plugins, ...withoutOwn() }];
  const refusals = [];
  for (const settings of ways) {
    const env = { ...process.env, ...settings };
    const init = ['init', '-backend=false', '-input=false', '-no-color', '-upgrade'];
    const { ok, output } = await attempt(terraform, init, { cwd: folder, env, timeoutSeconds: 300 });
    const version = /hashicorp\/aws v(\d+\.\d+\.\d+)/.exec(output)?.[1];
    if (ok && version !== undefined) return { settings, version };
    refusals.push(output.replaceAll(/[│╷╵\s]+/g, ' ').trim());
  }
  return { why: refusals.at(-1)?.slice(-400) ?? 'no way was found' };
}

const probe = `terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
`;

/** The existing settings, if their file exists: Terraform warns about a missing file. */
function own() {
  const file = process.env.TF_CLI_CONFIG_FILE ?? join(homedir(), '.terraformrc');
  return existsSync(file) ? [{ TF_CLI_CONFIG_FILE: file }] : [];
}

function withoutOwn() {
  return existsSync(process.env.TF_CLI_CONFIG_FILE ?? '') ? {} : { TF_CLI_CONFIG_FILE: '' };
}

/**
 * Mirrors that machine images contain, in the layout of `terraform providers mirror`. Terraform finds its own folders, but
 * needs the path of each mirror in /opt.
 * https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
 */
async function mirrors(cache) {
  const found = [
    '/usr/local/share/terraform/plugins',
    '/usr/share/terraform/plugins',
    ...foldersIn('/opt'),
  ].filter((path) => existsSync(join(path, 'registry.terraform.io', 'hashicorp', 'aws')));
  return Promise.all(
    found.map(async (path, index) => {
      const file = join(cache, `mirror-${index}.tfrc`);
      await writeFile(file, `provider_installation {\n  filesystem_mirror {\n    path = "${path}"\n  }\n}\n`);
      return { TF_CLI_CONFIG_FILE: file };
    }),
  );
}

function foldersIn(path) {
  if (!existsSync(path)) return [];
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
}
