import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadDataSecret } from '../../app/adapters/files/data-secret.ts';
import { fileLogs } from '../../app/adapters/files/file-logs.ts';
import { fileObjects } from '../../app/adapters/files/file-objects.ts';
import { systemClock } from '../../app/adapters/system/system-clock.ts';
import { systemIds } from '../../app/adapters/system/system-ids.ts';
import type { RunId } from '../../app/core/model/ids.ts';
import type { JobInput } from '../../app/core/model/job.ts';
import { runObjectKey } from '../../app/core/model/run-keys.ts';
import { aRun } from './a-run.ts';
import { type GitRepository, gitRepository } from './git-repository.ts';
import { objectsServer } from './objects-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

type Auth = NonNullable<Extract<JobInput['source'], { kind: 'git' }>['auth']>;

/** A data directory whose objects are served, a repository, and jobs that run commands in it. */
export interface LocalJobs {
  readonly dataDir: string;
  readonly socketDir: string;
  readonly port: number;
  readonly instance: string;
  readonly repository: GitRepository;
  /**
   * @param baseUrl where the task reaches the server; absent: by TCP on the loopback interface.
   * @param auth what the job says of the repository's credentials.
   */
  jobUrl(id: RunId, command: string, baseUrl?: string, auth?: Auth): Promise<string>;
  /** The uploaded result of a run. */
  result(id: RunId): Promise<unknown>;
  log(id: RunId): Promise<string>;
  close(): Promise<void>;
}

export async function localJobs(): Promise<LocalJobs> {
  const directory = await temporaryDirectory();
  const dataDir = join(directory.path, 'data');
  const socketDir = join(dataDir, 'socket');
  await mkdir(socketDir, { recursive: true });
  const { signingKey, instance } = await loadDataSecret(dataDir, systemIds);
  const repository = await gitRepository(join(directory.path, 'repository'), { 'README.md': '# sample\n' });

  const objects = fileObjects({ dataDir, signingKey, baseUrl: 'http://unused.invalid', clock: systemClock });
  const serve = { objects: () => objects, signingKey, clock: systemClock };
  const overTcp = await objectsServer(serve);
  const overSocket = await objectsServer(serve, join(socketDir, 'berth.sock'));
  // Whatever user an image has; the directory above keeps the others of the machine out.
  await chmod(join(socketDir, 'berth.sock'), 0o666);
  const logs = fileLogs({ dataDir });

  return {
    dataDir,
    socketDir,
    port: overTcp.port,
    instance,
    repository,

    async jobUrl(id, command, baseUrl = overTcp.url, auth) {
      const grant = (name: Parameters<typeof runObjectKey>[1], method: 'GET' | 'PUT') =>
        objects.grant({ key: runObjectKey(id, name), method, ttlSeconds: 3600, maxBytes: 1e8, baseUrl });
      const upload = async (name: Parameters<typeof runObjectKey>[1]) => ({
        url: await grant(name, 'PUT'),
        maxBytes: 1e8,
      });
      const job: JobInput = {
        version: 1,
        runId: id,
        project: 'project',
        suite: 'default',
        source: {
          kind: 'git',
          url: repository.url,
          branch: repository.branch,
          sha: repository.sha,
          ...(auth === undefined ? {} : { auth }),
        },
        command,
        limits: { timeoutSeconds: 300, killGraceSeconds: 1 },
        uploads: {
          result: await upload('result.json'),
          report: await upload('result.json'),
          tests: await upload('tests.json'),
          artifacts: await upload('artifacts.tar.gz'),
          progress: await upload('progress.json'),
        },
      };
      await objects.put(runObjectKey(id, 'job.json'), JSON.stringify(job), 'application/json');
      return grant('job.json', 'GET');
    },

    async result(id) {
      const found = await objects.get(runObjectKey(id, 'result.json'));
      return found && new Response(found.body).json();
    },

    async log(id) {
      const page = await logs.read(aRun({ id, state: 'succeeded' }), undefined, Number.MAX_SAFE_INTEGER);
      return page.lines.map(({ text }) => text).join('\n');
    },

    async close() {
      await overTcp.close();
      await overSocket.close();
      await directory.remove();
    },
  };
}
