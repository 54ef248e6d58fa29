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

/** @returns the environment in which `docker` is a stand-in, whose files are in a folder of this directory. */
export async function dockerStandIn(directory: string): Promise<Record<string, string>> {
  const programs = join(directory, 'programs');
  await mkdir(programs, { recursive: true });
  await writeFile(join(programs, 'docker'), docker, { mode: 0o755 });
  return { PATH: `${programs}${delimiter}${process.env.PATH}`, COMPRESSION: 'gzip' };
}
