import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** An engine that builds nothing. What it pushes is in the ECR of moto, which chooses the digest. */
const docker = `#!/usr/bin/env bash
case "$1 $2" in
  "image inspect") case "\${!#}" in
    debian*) echo "debian@sha256:$(printf '%064d' 0)" ;;
    *.amazonaws.com/*) echo "\${!#%:*}@$(cat "$0.digest")" ;;
    *) echo "\${!#%:*}@sha256:$(printf '%064d' 1)" ;;
  esac ;;
  "login "*) cat >/dev/null ;;
  "push "*) name=\${2%:*}; aws ecr put-image --region "$AWS_REGION" --repository-name "\${name#*/}" --image-tag "\${2##*:}" \\
    --image-manifest '{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json"}' --query image.imageId.imageDigest --output text >"$0.digest" ;;
esac
`;

/** The copy of the checkout already has what npm installs and builds. */
const npm = `#!/usr/bin/env bash
case "$*" in
  ci | "run build:lambda" | "run --silent build") ;;
  *) echo "npm $*: not in the documents" >&2; exit 1 ;;
esac
`;

/** API Gateway on moto passes no request on. */
const curl = `#!/usr/bin/env bash
echo "curl $*"
`;

/** @returns the environment in which `docker` is a stand-in, whose files are in a folder of this directory. */
export const dockerStandIn = (directory: string) => standIns(directory, { docker });

/** @returns the environment in which every program of the documents that cannot be used here is a stand-in. */
export const documentStandIns = (directory: string) => standIns(directory, { docker, npm, curl });

async function standIns(
  directory: string,
  programs: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const folder = join(directory, 'programs');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), text, { mode: 0o755 });
  }
  return { PATH: `${folder}${delimiter}${process.env.PATH}`, COMPRESSION: 'gzip' };
}
