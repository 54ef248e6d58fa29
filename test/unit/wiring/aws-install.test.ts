import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type AwsAction, runAwsCommand } from '../../../app/wiring/aws-install/aws-commands.ts';
import { checkInstallation } from '../../../app/wiring/aws-install/check-installation.ts';
import { runnerImageTag } from '../../../app/wiring/aws-install/image-tag.ts';
import type { StepContext } from '../../../app/wiring/aws-install/step.ts';
import {
  type Command,
  type CommandEnd,
  shellText,
  type World,
} from '../../../app/wiring/aws-install/world.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const directory = '/home/dana/berth-aws';
const root = '/opt/berth';

/** Stops a command of berth, as Ctrl-C or a lost connection does. */
class Interrupted extends Error {}

/** An account, a machine with the three programs, and GitHub: what survives an interruption. */
class Surroundings {
  readonly files = new Map<string, string>();
  readonly buckets = new Set<string>();
  readonly parameters = new Map<string, string>();
  readonly images = new Set<string>();
  readonly keys = new Set<string>();
  readonly ran: string[] = [];
  applied = '';
  planned = '';
  apps = 0;
  minted = 0;

  constructor() {
    for (const script of ['build-lambda.mjs', 'build-image.sh'])
      this.files.set(`${root}/scripts/${script}`, '');
  }

  /** @param remaining how many effects happen before the interruption. */
  world(remaining = Number.POSITIVE_INFINITY): World & { printed: string[] } {
    const printed: string[] = [];
    let left = remaining;
    const effect = <Result>(work: () => Result): Result => {
      if (left-- <= 0) throw new Interrupted();
      return work();
    };
    const { files } = this;
    return {
      printed,
      print: (line) => void printed.push(line),
      confirm: async () => true,
      exists: (path) => files.has(path),
      read: async (path) => files.get(path),
      write: async (path, text) => effect(() => void files.set(path, text)),
      remove: async (path) => effect(() => void files.delete(path)),
      run: async (command) => effect(() => this.run(command)),
      registerApp: async () => {
        this.apps += 1;
        const client = { id: 'Iv1', secret: 'client-secret-of-the-app' };
        return {
          appId: 7,
          privateKey: 'pem',
          webhookSecret: 'webhook-secret',
          htmlUrl: 'https://github.com/apps/b',
          client,
        };
      },
    };
  }

  run(command: Command): CommandEnd {
    const text = shellText(command);
    this.ran.push(text);
    const answer = (isFound: boolean, stdout = '') => ({ exitCode: isFound ? 0 : 255, stdout, stderr: '' });
    const after = (flag: string) => command.args[command.args.indexOf(flag) + 1] ?? '';
    const configuration = this.files.get(`${directory}/main.tf.json`) ?? '';
    if (text.includes('terraform version')) return answer(true, '{"terraform_version":"1.11.4"}');
    if (text.includes('get-caller-identity')) return answer(true, '{"Account":"123456789012","Arn":"arn:x"}');
    if (text.includes('head-bucket')) return answer(this.buckets.has(after('--bucket')));
    if (text.includes('create-bucket')) this.buckets.add(after('--bucket'));
    if (text.includes('build:lambda')) this.files.set(`${root}/dist/lambda.zip`, 'zip');
    if (text.includes(' plan ')) {
      this.planned = configuration;
      return { ...answer(true), exitCode: this.applied === configuration ? 0 : 2 };
    }
    if (text.includes(' apply ')) this.applied = this.planned;
    if (text.includes(' destroy ')) this.applied = '';
    if (text.includes(' output ')) {
      const outputs = {
        url: 'https://b.example',
        function_names: { schedule: 'berth-schedule' },
        environment: {},
      };
      return answer(
        this.applied !== '',
        JSON.stringify(new Map(Object.entries(outputs)).get(command.args.at(-1) ?? '')),
      );
    }
    if (text.includes('describe-repositories')) return answer(this.applied !== '');
    if (text.includes('describe-images')) return answer(this.images.has(after('--image-ids')));
    if (text.includes('build-image.sh')) {
      if (this.applied === '') return answer(false);
      this.images.add(`imageTag=${command.env?.IMAGE_TAG}`);
    }
    if (text.includes('lambda invoke')) this.keys.add(this.files.get(`${directory}/setup.json`) ?? '');
    if (text.includes('get-parameter'))
      return answer(this.parameters.has(after('--name')), this.parameters.get(after('--name')));
    if (text.includes('put-parameter')) {
      this.parameters.set(after('--name'), this.files.get(after('--value').replace('file://', '')) ?? '');
    }
    if (text.includes('delete-parameter')) this.parameters.delete(after('--name'));
    return answer(true);
  }

  go(
    action: AwsAction,
    world: World,
    change: { given?: Record<string, unknown>; plan?: boolean; sources?: string } = {},
  ) {
    const {
      given = { region: 'eu-central-1', organization: 'octo-org' },
      plan = false,
      sources = 'one',
    } = change;
    return runAwsCommand(
      action,
      { given, plan, yes: true },
      {
        world,
        places: { root, directory },
        imageTag: async ({ variables, refresh = '' }) =>
          `v1.2.3-${variables.architecture === 'arm64' ? 'arm64' : 'amd64'}-${sources}${refresh}`,
        check: async () => [{ subject: 'cluster', isWell: true, seen: 'active' }],
        mintKey: () => ({ plain: `berth_${++this.minted}`, id: 'ab', hash: 'cd' }),
      },
    );
  }

  state() {
    const { files, buckets, parameters, images, applied } = this;
    return { files: [...files], buckets, parameters, images, applied };
  }
}

describe('berth aws install', () => {
  it('creates the state bucket, the installation, the image, the key and the App, and ends with the doctor', async () => {
    const surroundings = new Surroundings();
    const world = surroundings.world();
    expect(await surroundings.go('install', world)).toEqual([
      expect.objectContaining({ subject: 'cluster' }),
    ]);
    expect(surroundings.buckets).toEqual(new Set(['berth-terraform-123456789012-eu-central-1']));
    expect(JSON.parse(surroundings.applied).module.berth).toMatchObject({
      source: '../../../opt/berth/terraform',
      egress: 'public',
      image_tag: 'v1.2.3-amd64-one',
      github_app_secret: 'ssm:/berth/github-app',
      deletion_protection: true,
    });
    expect(JSON.parse(surroundings.parameters.get('/berth/github-app') ?? '')).toMatchObject({
      appId: 7,
      clientId: 'Iv1',
    });
    expect(surroundings.files.get(`${directory}/.env`)).toBe(
      'BERTH_URL=https://b.example\nBERTH_API_KEY=berth_1\n',
    );
    expect([...surroundings.files.keys()]).not.toContain(`${directory}/github-app.json`);
  });

  it('prints every command that changes anything, without secrets', async () => {
    const surroundings = new Surroundings();
    const world = surroundings.world();
    await surroundings.go('install', world);
    const printed = new Set(
      world.printed.filter((line) => line.startsWith('$ ')).map((line) => line.slice(2)),
    );
    const looks = /head-bucket|ecr describe-|get-parameter| output /;
    expect(surroundings.ran.filter((command) => !looks.test(command) && !printed.has(command))).toEqual([]);
    expect(world.printed.join('\n')).not.toMatch(/pem|berth_1/);
  });

  it('comes to the same end from each interruption', async () => {
    const whole = new Surroundings();
    await whole.go('install', whole.world());
    for (let effects = 0; ; effects += 1) {
      const surroundings = new Surroundings();
      const isWhole = await surroundings.go('install', surroundings.world(effects)).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof Interrupted)) throw error;
          return false;
        },
      );
      if (isWhole) break;
      await surroundings.go('install', surroundings.world(), {
        given: { region: 'eu-central-1', organization: 'octo-org' },
      });
      const { files, ...rest } = surroundings.state();
      const { files: expectedFiles, ...expected } = whole.state();
      expect({ effects, ...rest }).toEqual({ effects, ...expected });
      expect(new Map(files).get(`${directory}/.env`)).toMatch(/^BERTH_URL=.*\nBERTH_API_KEY=berth_\d\n$/);
      expect(new Set(new Map(files).keys())).toEqual(new Set(new Map(expectedFiles).keys()));
      expect(surroundings.keys.size).toBeGreaterThan(0);
    }
  });

  it('changes nothing when it is repeated, and needs no options then', async () => {
    const surroundings = new Surroundings();
    await surroundings.go('install', surroundings.world());
    const before = structuredClone(surroundings.state());
    await surroundings.go('install', surroundings.world(), { given: {} });
    expect(surroundings.state()).toEqual(before);
    expect(surroundings).toMatchObject({ apps: 1, minted: 1 });
  });

  it('only prints with --plan', async () => {
    const surroundings = new Surroundings();
    const world = surroundings.world();
    await surroundings.go('install', world, { plan: true });
    expect(surroundings.ran).toEqual([]);
    expect(world.printed.join('\n')).toContain('$ aws s3api create-bucket --region eu-central-1');
    expect(surroundings.files.size).toBe(2);
  });

  it.each([
    [{ network: 'vpc-0123456789abcdef0' }, { create_vpc: false, vpc_id: 'vpc-0123456789abcdef0' }],
    [{ network: 'endpoints' }, { egress: 'endpoints', sources: 'archive' }],
    [
      { image: '1.dkr.ecr.eu-central-1.amazonaws.com/runner:1' },
      { runner_image: '1.dkr.ecr.eu-central-1.amazonaws.com/runner:1' },
    ],
  ])('passes %j on', async (given, variables) => {
    const surroundings = new Surroundings();
    await surroundings.go('install', surroundings.world(), {
      given: { region: 'eu-central-1', github: false, ...given },
    });
    expect(JSON.parse(surroundings.applied).module.berth).toMatchObject(variables);
    expect(surroundings.apps).toBe(0);
  });

  it.each([
    [{}, 'region'],
    [{ region: 'mars' }, 'region'],
    [{ region: 'eu-central-1', project: 'Berth' }, 'project'],
    [{ region: 'eu-central-1', network: 'wifi' }, 'network'],
  ])('refuses %j', async (given, name) => {
    const surroundings = new Surroundings();
    await expect(surroundings.go('install', surroundings.world(), { given })).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining(name),
    });
    expect(surroundings.ran).toEqual([]);
  });

  it('refuses to begin if it could not build the image', async () => {
    const surroundings = new Surroundings();
    surroundings.files.delete(`${root}/scripts/build-image.sh`);
    await expect(surroundings.go('install', surroundings.world())).rejects.toMatchObject({
      code: 'config_invalid',
      hint: expect.stringContaining('--image'),
    });
    expect(surroundings.ran).toEqual([]);
  });

  it('says which program is missing or failed, and what to do', async () => {
    const surroundings = new Surroundings();
    const world = {
      ...surroundings.world(),
      run: async () => ({ exitCode: 127, stdout: '', stderr: 'spawn terraform ENOENT' }),
    };
    await expect(surroundings.go('install', world)).rejects.toMatchObject({
      code: 'install_failed',
      message: 'terraform ended with 127. spawn terraform ENOENT',
    });
  });
});

describe('berth aws upgrade', () => {
  const changes = ({ ran }: Surroundings): (string | undefined)[] =>
    ran.map((command) => /build-image|build:lambda| apply /.exec(command)?.[0].trim()).filter(Boolean);
  const image = ({ applied }: Surroundings): unknown => JSON.parse(applied).module.berth.image_tag;

  it('pushes a changed image before any task starts with it, even within a version', async () => {
    const surroundings = new Surroundings();
    await surroundings.go('install', surroundings.world());
    surroundings.ran.length = 0;
    await surroundings.go('upgrade', surroundings.world(), { given: {}, sources: 'two' });
    expect(changes(surroundings)).toEqual(['build-image', 'build:lambda', 'apply']);
    expect(image(surroundings)).toBe('v1.2.3-amd64-two');
  });

  it('keeps the image of unchanged sources, and builds it again on request', async () => {
    const surroundings = new Surroundings();
    await surroundings.go('install', surroundings.world());
    surroundings.ran.length = 0;
    await surroundings.go('upgrade', surroundings.world(), { given: {} });
    expect(changes(surroundings)).toEqual(['build:lambda']);
    await surroundings.go('upgrade', surroundings.world(), { given: { refresh: '-now' } });
    await surroundings.go('upgrade', surroundings.world(), { given: {} });
    expect(image(surroundings)).toBe('v1.2.3-amd64-one-now');
    expect(surroundings.ran.filter((command) => command.includes('build-image'))).toEqual([
      expect.stringContaining('REFRESH=-now'),
    ]);
  });

  it('is what changes an image: a repeated installation does not, except for another architecture', async () => {
    const surroundings = new Surroundings();
    await surroundings.go('install', surroundings.world());
    await surroundings.go('install', surroundings.world(), { given: {}, sources: 'two' });
    expect(image(surroundings)).toBe('v1.2.3-amd64-one');
    surroundings.ran.length = 0;
    const given = { variables: { architecture: 'arm64' } };
    await surroundings.go('install', surroundings.world(), { given, sources: 'two' });
    expect(changes(surroundings)).toEqual(['build-image', 'apply']);
    expect(image(surroundings)).toBe('v1.2.3-arm64-two');
  });

  it.each([false, true])('needs an installation, with --plan (%s) too', async (plan) => {
    const surroundings = new Surroundings();
    await expect(surroundings.go('upgrade', surroundings.world(), { given: {}, plan })).rejects.toMatchObject(
      {
        code: 'config_invalid',
        message: expect.stringContaining('There is no installation in '),
      },
    );
  });
});

describe('berth aws uninstall', () => {
  it('removes the protection, everything that Terraform created, and the credentials', async () => {
    const surroundings = new Surroundings();
    await surroundings.go('install', surroundings.world());
    surroundings.ran.length = 0;
    await surroundings.go('uninstall', surroundings.world(), { given: {} });
    expect(surroundings.applied).toBe('');
    expect(surroundings.parameters.size).toBe(0);
    const changes = surroundings.ran.filter((command) => / apply | destroy |delete-parameter/.test(command));
    expect(changes).toHaveLength(3);
  });
});

describe('the tag of the image', () => {
  it('changes with its sources, its architecture and a refresh, and not with their text or what is built', async () => {
    const clone = await temporaryDirectory();
    const file = async (path: string, text: string): Promise<string> => {
      await mkdir(join(clone.path, path, '..'), { recursive: true });
      await writeFile(join(clone.path, path), text);
      return runnerImageTag(clone.path, '1.2.3', { variables: {} });
    };
    const tags = [await file('package-lock.json', '{}'), await file('runner-image/src/main.ts', 'main();')];
    tags.push(await file('app/lib/cut.ts', 'cut();'), await file('app/core/model/job.ts', 'job();'));
    tags.push(await runnerImageTag(clone.path, '1.2.3', { variables: { architecture: 'arm64' } }));
    tags.push(await runnerImageTag(clone.path, '1.2.3', { variables: {}, refresh: 'now' }));
    expect(new Set(tags).size).toBe(6);
    expect(tags[3]).toMatch(/^v1\.2\.3-amd64-[0-9a-f]{12}$/);
    expect(await file('runner-image/dist/runner.js', 'built')).toBe(tags[3]);
    expect(await file('runner-image/README.md', 'text')).toBe(tags[3]);
    await clone.remove();
  });
});

describe('the checks at the end', () => {
  const context = async (github = false) => {
    const surroundings = new Surroundings();
    let seen: StepContext | undefined;
    await runAwsCommand(
      'install',
      { given: { region: 'eu-central-1', github }, plan: false, yes: true },
      {
        world: surroundings.world(),
        places: { root, directory },
        imageTag: async () => 'v1.2.3-amd64-one',
        mintKey: () => ({ plain: 'berth_1', id: 'ab', hash: 'cd' }),
        check: async (made) => {
          seen = made;
          return [];
        },
      },
    );
    if (seen === undefined) throw new Error('no check was made');
    return seen;
  };
  const api = (conclusion: string) => async (input: string | URL | Request) => {
    const path = new URL(String(input)).pathname;
    const answers: Record<string, unknown> = {
      '/healthz': {},
      '/workflow/execute': { workflow_id: 'r1' },
      '/workflow/r1/status': { state: 'ended', conclusion },
      '/workflow/r1/logs': { lines: [{ text: 'berth canary' }] },
    };
    return Response.json(answers[path]);
  };

  it('include a run on Fargate with its log', async () => {
    const findings = await checkInstallation(await context(), {
      fetch: api('success'),
      sleep: async () => {},
      checkGithub: async () => [],
    });
    expect(findings.map(({ subject, isWell }) => [subject, isWell])).toEqual([
      ['service roles', true],
      ['image', true],
      ['API', true],
      ['canary run', true],
    ]);
  });

  it('say so where the run fails', async () => {
    const findings = await checkInstallation(await context(), {
      fetch: api('failure'),
      sleep: async () => {},
      checkGithub: async () => [],
    });
    expect(findings.at(-1)).toMatchObject({ subject: 'canary run', isWell: false });
  });

  it('name the command that shows the log where the API does not answer, for both versions of the AWS CLI', async () => {
    const findings = await checkInstallation(await context(), {
      fetch: async () => new Response('', { status: 500 }),
      sleep: async () => {},
      checkGithub: async () => [],
    });
    expect(findings.at(-1)?.advice).toBe(
      "See the log of the function: aws logs filter-log-events --region eu-central-1 --log-group-name /aws/lambda/berth-http --query 'events[].message' --output text",
    );
  });

  it('have GitHub deliver failed events again, which proves that they arrive', async () => {
    const counts = [2, 1, 0];
    const seen = await context(true);
    const ran: string[] = [];
    const run: World['run'] = async (command, output) => {
      ran.push(shellText(command));
      return seen.world.run(command, output);
    };
    const findings = await checkInstallation(
      { ...seen, world: { ...seen.world, run } },
      {
        fetch: api('success'),
        sleep: async () => {},
        checkGithub: async (app, url) => {
          expect([app.appId, app.client?.id, url]).toEqual([7, 'Iv1', 'https://b.example']);
          const failed = counts.shift() ?? 0;
          return [{ subject: 'deliveries', isWell: failed === 0, seen: `${failed} have failed` }];
        },
      },
    );
    expect(findings).toContainEqual({ subject: 'deliveries', isWell: true, seen: '0 have failed' });
    expect(ran.filter((command) => command.includes('catch-up.json'))).toHaveLength(1);
  });
});
