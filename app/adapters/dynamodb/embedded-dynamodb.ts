import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdir, rm, writeFile } from 'node:fs/promises';
import { Agent, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { ClassicLevel } from 'classic-level';
import dynalite from 'dynalite';
import { BerthError } from '../../domain/errors.ts';
import { type Database, repairIndexes } from './repair-indexes.ts';

/** A DynamoDB of one's own, inside this process, with its data on disk. */
export interface EmbeddedDynamoDb {
  readonly endpoint: string;
  readonly client: DynamoDBClient;
  /** Ends what is under way, then lets go of the directory. */
  close(): Promise<void>;
}

/**
 * Starts dynalite on a free port of the loopback interface. What was acknowledged survives the end of this process,
 * however it ends; a loss of power may cost the last writes.
 *
 * @param options.directory made where it is missing; one process at a time.
 * @param options.secret what nobody can guess, of letters and digits: who does not know it is refused, as other users of this
 *   machine reach the port too.
 * @throws BerthError `data_dir_in_use`; `config_invalid` where the directory cannot be used.
 */
export async function startEmbeddedDynamoDb(options: {
  directory: string;
  secret: string;
}): Promise<EmbeddedDynamoDb> {
  const { directory, secret } = options;
  const data = join(directory, 'data');
  const cleanMark = join(directory, 'closed-cleanly');
  const lock = await lockDirectory(directory);
  try {
    if (!(await exists(cleanMark))) await afterCrash(directory, data);
    await rm(cleanMark, { force: true });
    const server = await listen(data, secret);
    const endpoint = endpointOf(server);
    const client = connect(endpoint, secret);
    return {
      endpoint,
      client,
      async close() {
        await new Promise<void>((resolve, reject) => {
          server.close((error) => (error ? reject(error) : resolve()));
        });
        client.destroy();
        await writeFile(cleanMark, '');
        await lock.close();
      },
    };
  } catch (error) {
    await lock.close();
    throw error;
  }
}

/**
 * Takes the directory for this process. The lock is the one of LevelDB, which the kernel lets go when a process ends,
 * also by kill -9; of a database beside the real one, since that is opened by dynalite, which would crash on it.
 */
async function lockDirectory(directory: string): Promise<Database> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw unusable(directory, error);
  });
  return open(directory, join(directory, 'lock'));
}

/** The process before this one was killed, or this is the first. */
async function afterCrash(directory: string, data: string): Promise<void> {
  const database = await open(directory, data);
  try {
    await repairIndexes(database);
  } finally {
    await database.close();
  }
}

async function open(directory: string, path: string): Promise<Database> {
  const database: Database = new ClassicLevel(path, { valueEncoding: 'json' });
  try {
    await database.open();
    return database;
  } catch (error) {
    throw unusable(directory, error);
  }
}

function unusable(directory: string, error: unknown): BerthError {
  const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { code, message }: { code?: unknown; message: string } =
    reason instanceof Error ? reason : new Error(String(reason));
  if (code === 'LEVEL_LOCKED') {
    return new BerthError('data_dir_in_use', `Another Berth process works in ${directory}.`, {
      cause: error,
      hint: 'Stop that process, or set BERTH_DATA_DIR to another directory.',
    });
  }
  return new BerthError('config_invalid', `The database in ${directory} cannot be opened: ${message}`, {
    cause: error,
    hint: 'Set BERTH_DATA_DIR to a directory that this user may write to. A damaged database has to be restored from a copy, or moved away to begin anew.',
  });
}

async function listen(path: string, secret: string): Promise<Server> {
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const answer = server.listeners('request');
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    if (knows(secret, request)) for (const listener of answer) listener.call(server, request, response);
    else response.writeHead(403).end();
  });
  // The client keeps its connections: one that the server closed first would cost a retry.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** dynalite looks at no signature; so the id of the access key has to be the secret. */
function knows(secret: string, request: IncomingMessage): boolean {
  const [, given = ''] = /Credential=([^/]*)\//.exec(request.headers.authorization ?? '') ?? [];
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

function endpointOf(server: Server): string {
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

function connect(endpoint: string, secret: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: secret, secretAccessKey: secret },
    requestHandler: { httpAgent: new Agent({ keepAlive: true, maxSockets: 64 }) },
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
