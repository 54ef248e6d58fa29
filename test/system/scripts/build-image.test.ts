import { execFile } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

const script = fileURLToPath(new URL('../../../scripts/build-image.sh', import.meta.url));
const uri = '123456789012.dkr.ecr.eu-central-1.amazonaws.com/berth-runner';
const digest = `sha256:${'a'.repeat(64)}`;
const baseDigest = `debian@sha256:${'b'.repeat(64)}`;
/** The real programs that the script may use. The others are fakes. */
const system = [
  ...['bash', 'cat', 'cut', 'dirname', 'find', 'git', 'grep', 'mkdir', 'mktemp'],
  ...['realpath', 'rm', 'sed', 'sha256sum', 'sort', 'xargs'],
];

/** Records each call, and stores pushed images in a file, like a registry. */
const docker = `#!/usr/bin/env bash
echo "$(basename "$0") $*" >> "$CALLS"
case "$1 $2" in
  "image inspect") [[ $* == *debian* ]] && echo "${baseDigest}" || echo "${uri}@\${DIGEST_HERE:-${digest}}" ;;
  "login "*) read -r _ ;;
  "push "* | "copy "*)
    for each; do
      [ "$before" != --digestfile ] || echo "\${DIGEST_HERE:-${digest}}" > "$each"
      before=$each
    done
    echo "\${before##*:} ${digest}" >> "$REGISTRY" ;;
esac
`;
const aws = `#!/usr/bin/env bash
echo "aws $*" >> "$CALLS"
tag=$(sed -n 's/.*imageTag=\\([^ ]*\\).*/\\1/p' <<< "$*")
case "$2" in
  describe-repositories) [ -z "$NO_REPOSITORY" ] && echo ${uri} || exit 254 ;;
  get-login-password) echo password ;;
  batch-get-image) printf 'application/vnd.oci.image.manifest.v1+json\\t{"schemaVersion":2}\\n' ;;
  put-image) sed -n 's/.*--image-tag \\([^ ]*\\).*/\\1 ${digest}/p' <<< "$*" >> "$REGISTRY" ;;
  describe-images) found=$(grep "^$tag " "$REGISTRY") || { echo ImageNotFoundException >&2; exit 254; }
    echo "\${found##* }" ;;
esac
`;

describe('scripts/build-image.sh', () => {
  let directory: TemporaryDirectory;
  let bin: string;
  let app: string;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    bin = join(directory.path, 'bin');
    app = join(directory.path, 'app');
    await mkdir(bin);
    await mkdir(app);
    await writeFile(join(app, 'Dockerfile'), 'FROM scratch AS base\n');
    await Promise.all(['calls', 'registry'].map((name) => writeFile(join(directory.path, name), '')));
    await Promise.all(system.map(link));
    await stand('docker', docker);
    await stand('aws', aws);
  });
  afterEach(() => directory.remove());

  async function link(program: string): Promise<void> {
    const found = await run('/bin/sh', ['-c', `command -v ${program}`], process.env.PATH);
    await symlink(found.out.trim(), join(bin, program));
  }
  async function stand(name: string, text: string): Promise<void> {
    const basename = `basename() { echo "\${1##*/}"; }`;
    await writeFile(join(bin, name), text.replace('\n', `\n${basename}\n`));
    await chmod(join(bin, name), 0o755);
  }
  function run(file: string, args: readonly string[], path = bin, env: Record<string, string> = {}) {
    const own = { CALLS: join(directory.path, 'calls'), REGISTRY: join(directory.path, 'registry') };
    const settings = { APP_DIR: app, SBOM_DIR: join(directory.path, 'sbom'), NO_REPOSITORY: '' };
    return new Promise<{ exitCode: unknown; out: string; err: string }>((resolve) => {
      execFile(file, args, { env: { PATH: path, ...own, ...settings, ...env } }, (error, out, err) =>
        resolve({ exitCode: error?.code ?? 0, out, err }),
      );
    });
  }
  const build = (env: Record<string, string> = {}, ...args: readonly string[]) =>
    run(join(bin, 'bash'), [script, ...args], bin, { AWS_REGION: 'eu-central-1', ...env });
  const calls = async (beginning: string) =>
    (await readFile(join(directory.path, 'calls'), 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith(beginning));
  const pushed = async () =>
    (await readFile(join(directory.path, 'registry'), 'utf8')).split('\n').filter((line) => line !== '');
  const tagOf = async () => (await pushed())[0]?.split(' ')[0];

  it('pushes an image named by its content, and prints only its URI with the digest', async () => {
    const { exitCode, out } = await build();
    expect([exitCode, out]).toEqual([0, `${uri}@${digest}\n`]);
    expect(await tagOf()).toMatch(/^base-amd64-[0-9a-f]{16}$/);
  });

  it('builds on the digest of the base image', async () => {
    await build();
    expect((await calls('docker build'))[0]).toContain(`--build-arg BASE_IMAGE=${baseDigest} `);
  });

  it('neither builds nor pushes an image that is in ECR', async () => {
    await build();
    const { exitCode, out } = await build();
    expect([exitCode, out]).toEqual([0, `${uri}@${digest}\n`]);
    expect([(await calls('docker build')).length, (await calls('docker push')).length]).toEqual([1, 1]);
  });

  it.each([
    ['a file', {}, 'FROM scratch AS base\nUSER 1\n'],
    ['the target', { TARGET: 'browser' }, undefined],
    ['the platform', { PLATFORM: 'linux/arm64' }, undefined],
    ['REFRESH', { REFRESH: '2026-11' }, undefined],
  ])('gives the image a new name when %s changes', async (_, env, dockerfile) => {
    await build();
    if (dockerfile !== undefined) await writeFile(join(app, 'Dockerfile'), dockerfile);
    await build(env);
    expect(new Set((await pushed()).map((line) => line.split(' ')[0])).size).toBe(2);
  });

  it('adds the requested tag without a second push', async () => {
    const { out } = await build({ IMAGE_TAG: 'latest' });
    expect(out).toBe(`${uri}@${digest}\n`);
    expect((await pushed()).map((line) => line.split(' ')[0])).toEqual([await tagOf(), 'latest']);
    expect(await calls('docker push')).toHaveLength(1);
  });

  it('fails if the digest in ECR differs from the local one', async () => {
    const { exitCode, out, err } = await build({ DIGEST_HERE: 'sha256:cccc' });
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toContain(`with digest ${digest}, but this machine has sha256:cccc`);
  });

  it('does not pull a base image that was built on this machine', async () => {
    const { exitCode } = await build({ BASE_IMAGE: 'berth-runner:browser', PULL: 'false' });
    expect(exitCode).toBe(0);
    expect(await calls('docker pull')).toEqual([]);
  });

  it('finds the lowercase dockerfile of older applications', async () => {
    await rm(join(app, 'Dockerfile'));
    await writeFile(join(app, 'dockerfile'), 'FROM scratch AS base\n');
    const { exitCode } = await build();
    expect(exitCode).toBe(0);
    expect(await calls('docker build')).toEqual([
      expect.stringContaining(`--file ${join(app, 'dockerfile')}`),
    ]);
  });

  it('reports a missing repository and builds nothing', async () => {
    const { exitCode, err } = await build({ NO_REPOSITORY: '1' });
    expect(exitCode).toBe(66);
    expect(err).toContain('the repository berth-runner in eu-central-1 does not exist');
    expect(await calls('docker build')).toEqual([]);
  });

  it('uses podman if docker is missing', async () => {
    await stand('podman', docker);
    await rm(join(bin, 'docker'));
    const { exitCode } = await build();
    expect(exitCode).toBe(0);
    expect(await calls('podman push')).toEqual([expect.stringContaining('--compression-format zstd')]);
  });

  it('pushes with zstd through skopeo if it is installed, and with the type of the manifest when it adds a tag', async () => {
    await stand('skopeo', docker);
    expect(await build({ IMAGE_TAG: 'latest' })).toMatchObject({ exitCode: 0, out: `${uri}@${digest}\n` });
    expect(await calls('skopeo copy')).toEqual([expect.stringContaining('--dest-compress-format zstd')]);
    expect(await calls('docker push')).toEqual([]);
    expect(await calls('aws ecr put-image')).toEqual([
      expect.stringContaining('--image-manifest-media-type application/vnd.oci.image.manifest.v1+json'),
    ]);
    const other = await build({ REFRESH: '1', DIGEST_HERE: 'sha256:cccc' });
    expect(other.err).toContain('but this machine has sha256:cccc');
  });

  it('says how to push with zstd, and fails without it only if it is required', async () => {
    const { exitCode, err } = await build();
    expect([exitCode, err]).toEqual([0, expect.stringContaining('install podman or skopeo')]);
    expect(await build({ COMPRESSION: 'zstd' })).toMatchObject({ exitCode: 69 });
    await stand('skopeo', docker);
    await build({ COMPRESSION: 'gzip', REFRESH: '1' });
    expect(await calls('skopeo')).toEqual([]);
  });

  it('calls no program in a dry run, and prints what it would do', async () => {
    const { exitCode, out, err } = await build({ IMAGE_TAG: 'latest' }, '--dry-run');
    expect([exitCode, out]).toEqual([0, '']);
    expect(err).toMatch(/would run: docker build .*--target base/);
    expect(err).toMatch(/would run: docker push <account>\S+\/berth-runner:base-amd64-[0-9a-f]{16}\n/);
    expect(err).toMatch(/would run: aws ecr put-image .*--image-tag latest --image-digest <digest>/);
    expect(await calls('')).toEqual(['']);
  });

  it('prints the dry run without docker and podman, and fails because nothing was built', async () => {
    await rm(join(bin, 'docker'));
    const { exitCode, err } = await build();
    expect(exitCode).toBe(69);
    expect(err).toContain('would run: docker build');
    expect(err).toContain('nothing was built: install docker or podman');
  });

  it('reports that there is no SBOM and no scan if no tool is installed', async () => {
    const { err } = await build();
    expect(err).toContain('No SBOM was written');
    expect(err).toContain('Not scanned for vulnerabilities');
  });

  it.each([
    [
      'docker',
      'syft',
      /^syft docker-archive:(\S+\.tar) --source-name berth-runner --source-version \S+ --output /,
    ],
    ['podman', 'syft', /^syft docker-archive:(\S+\.tar) /],
    ['docker', 'trivy', /^trivy image --format spdx-json --output \S+\.spdx\.json --input (\S+\.tar)$/],
  ])(
    'lists what %s built from a file of it with %s, and keeps that file no longer',
    async (tool, scanner, call) => {
      await stand(tool, docker.replace('case', `if [ "$1" = save ]; then : > "$3"; fi\ncase`));
      await stand(scanner, docker);
      const { exitCode } = await build({ CONTAINER_TOOL: tool });
      expect(exitCode).toBe(0);
      const [listed] = await calls(scanner);
      expect(listed).toMatch(call);
      const [saved] = await calls(`${tool} save`);
      const name = call.exec(listed ?? '')?.[1] ?? 'none';
      expect(saved).toMatch(
        new RegExp(`^${tool} save --output \\S*${basename(name)} ${uri}:base-amd64-[0-9a-f]{16}$`),
      );
      expect(await readdir(join(directory.path, 'sbom'))).toEqual([]);
    },
  );

  it.each(['syft', 'trivy'])('pushes nothing if %s cannot write the SBOM', async (scanner) => {
    await stand(scanner, `${docker}exit 1\n`);
    const { exitCode, err } = await build();
    expect([exitCode, await pushed()]).toEqual([69, []]);
    expect(err).toContain(`${scanner} could not write the SBOM`);
  });

  /** Both exit with 2 for findings and with 1 for a failed scan (grype 0.121, trivy 0.74). */
  const ending = (code: number) => `${docker}[[ $* == *spdx* ]] || exit ${code}\n`;

  it.each(['grype', 'trivy'])('pushes nothing if %s finds a severe vulnerability', async (scanner) => {
    await stand(scanner, ending(2));
    const { exitCode, err } = await build({ SCAN_FAIL_ON: 'high' });
    expect([exitCode, await pushed()]).toEqual([70, []]);
    expect(err).toContain(`${scanner} finds vulnerabilities of severity high or above`);
    expect(err).toContain('REFRESH');
  });

  it.each([
    ['grype', 'grype db update'],
    ['trivy', 'trivy image --download-db-only'],
  ])('does not take it for a finding that %s has no database, and pushes nothing', async (scanner, fetch) => {
    await stand(scanner, ending(1));
    const { exitCode, err } = await build();
    expect([exitCode, await pushed()]).toEqual([69, []]);
    expect(err).toContain(`${scanner} could not scan (exit code 1)`);
    expect(err).toContain(fetch);
    expect(err).not.toContain('finds vulnerabilities');
  });

  it('pushes without a scan with SCAN=off', async () => {
    await stand('grype', ending(1));
    const { exitCode, err } = await build({ SCAN: 'off' });
    expect([exitCode, (await pushed()).length]).toEqual([0, 1]);
    expect(err).toContain('SCAN is off');
    expect(await calls('grype')).toEqual([]);
  });

  it('pushes nothing without a scanner if one is required', async () => {
    const { exitCode, err } = await build({ SCAN: 'required' });
    expect([exitCode, await pushed()]).toEqual([69, []]);
    expect(err).toContain('SCAN is required');
  });

  it.each([
    ['grype', {}, '--fail-on critical --only-fixed'],
    ['grype', { SCAN_UNFIXED: 'true' }, '--fail-on critical'],
    ['trivy', {}, '--scanners vuln --exit-code 2 --severity CRITICAL --ignore-unfixed --input'],
    [
      'trivy',
      { SCAN_UNFIXED: 'true', SCAN_FAIL_ON: 'medium' },
      '--scanners vuln --exit-code 2 --severity MEDIUM,HIGH,CRITICAL --input',
    ],
  ])('configures %s with %j to report what a rebuild can fix', async (scanner, env, options) => {
    await stand(scanner, docker);
    await build(env);
    expect((await calls(scanner)).at(-1)).toMatch(new RegExp(`${options}( \\S+\\.tar)?$`));
  });

  it('builds only for this machine with --local, and does not call AWS', async () => {
    const { exitCode, out } = await build({ AWS_REGION: '' }, '--local');
    expect([exitCode, out]).toEqual([0, 'berth-runner:local\n']);
    expect(await calls('aws')).toEqual([]);
    expect(await calls('docker push')).toEqual([]);
  });

  it.each([
    ['linux/arm64', {}, 'linux/arm64'],
    ['', {}, 'linux/amd64'],
    ['linux/arm64', { PLATFORM: 'linux/amd64' }, 'linux/amd64'],
  ])('builds with --local on an engine of "%s", with %j, for %s', async (engine, env, platform) => {
    await stand(
      'docker',
      docker.replace('case "$1 $2" in', `case "$1 $2" in\n  version*) echo ${engine} ;;`),
    );
    await build(env, '--local');
    expect((await calls('docker build'))[0]).toContain(`--platform ${platform} `);
  });

  it('reports what is missing when a build for another platform fails', async () => {
    const failing = docker.replace(
      'case "$1 $2" in',
      `case "$1 $2" in\n  build*) exit 1 ;;\n  version*) echo linux/amd64 ;;`,
    );
    await stand('docker', failing);
    const { exitCode, err } = await build({ PLATFORM: 'linux/arm64' });
    expect(exitCode).toBe(1);
    expect(err).toContain("For linux/arm64 it requires QEMU's emulation");
    expect((await build()).err).not.toContain('QEMU');
  });

  it.each([
    [{ AWS_REGION: '' }, 'set AWS_REGION'],
    [{ PLATFORM: 'linux/riscv64' }, 'linux/amd64 or linux/arm64'],
    [{ TARGET: 'bse' }, 'base, browser or server'],
    [{ SCAN_FAIL_ON: 'bad' }, 'low, medium, high or critical'],
    [{ SCAN: 'yes' }, 'auto, required or off'],
    [{ SCAN_UNFIXED: '1' }, 'true or false'],
  ])('refuses %j', async (env, text) => {
    const { exitCode, err } = await build(env);
    expect(exitCode).toBe(64);
    expect(err).toContain(text);
  });
});
