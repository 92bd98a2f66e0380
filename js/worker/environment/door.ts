/**
 * Where a worker is handed values of environment variables: a socket in the store's folder that only this user can use.
 *
 * One line of JSON, `{ worker, values: [{ name, key, hash, value }] }`, is answered by one, `{ ok: true }` or
 * `{ ok: false, error }`; `ok` only after others know that the worker has them.
 */
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { distrust } from '../../platform/trust.ts';
import { messageOf } from '../../wire/message.ts';
import type { HandedValue } from './environments.ts';

/** The longest path that a socket may have on every system, in bytes. */
const LONGEST_PATH = 103;
/** The largest message, in characters: an environment is 2 MiB at most on Linux. */
const LARGEST = 8 * 1024 * 1024;
/** Milliseconds that a peer may be silent. */
const PATIENCE = 5_000;

const NAME = /^worker_[0-9a-f]+\.sock$/;

interface Message {
  worker: string;
  values: HandedValue[];
}

type Reply = { ok: true } | { ok: false; error: string };

export interface Door {
  readonly path: string;
  close(): Promise<void>;
}

export interface DoorOptions {
  /** The store's folder. */
  folder: string;
  worker: string;
  /** Takes values; resolves when others know. */
  onValues(values: HandedValue[]): Promise<void>;
}

/** Opens the door of a worker; with it go sockets that dead workers left. It keeps no process alive. */
export async function openDoor({ folder, worker, onValues }: DoorOptions): Promise<Door> {
  await removeDead(folder);
  const place = placeOf(folder, `${worker}.sock`);
  const server = createServer((socket) => serve(socket, worker, onValues));
  await listen(server, place.path);
  server.unref();
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => {
        if (place.temporary !== undefined) rmSync(place.temporary, { recursive: true, force: true });
        resolve();
      });
      server.unref();
    });
  return { path: place.path, close };
}

/** Beside the store; where that path is too long, in a temporary folder of its own. */
function placeOf(folder: string, name: string): { path: string; temporary?: string } {
  const path = join(folder, name);
  if (Buffer.byteLength(path) <= LONGEST_PATH) return { path };
  const short = [tmpdir(), '/tmp'].find(
    (root) => Buffer.byteLength(join(root, 'offstage-XXXXXX', 'door')) <= LONGEST_PATH,
  );
  const temporary = mkdtempSync(join(short ?? tmpdir(), 'offstage-')); // mode 0700
  return { path: join(temporary, 'door'), temporary };
}

/** Whoever may not write a socket cannot connect to it. */
function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, exclusive: true }, () => {
      chmodSync(path, 0o600);
      resolve();
    });
  });
}

async function removeDead(folder: string): Promise<void> {
  for (const name of readdirSync(folder).filter((one) => NAME.test(one))) {
    const path = join(folder, name);
    if (Buffer.byteLength(path) <= LONGEST_PATH && (await isDead(path))) rmSync(path, { force: true });
  }
}

function isDead(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket
      .once('connect', () => resolve(false))
      .once('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code === 'ECONNREFUSED');
      });
    socket.once('connect', () => socket.destroy());
  });
}

function serve(socket: Socket, worker: string, onValues: DoorOptions['onValues']): void {
  socket.on('error', () => {}); // a peer that went away
  readLine(socket)
    .then(async (line) => {
      const message = parsed(line);
      if (message.worker !== worker) throw new Error(`this is ${worker}, not ${message.worker}`);
      await onValues(message.values);
      return { ok: true } as const;
    })
    .catch((error: unknown): Reply => ({ ok: false, error: messageOf(error) }))
    .then((reply: Reply) => socket.end(`${JSON.stringify(reply)}\n`));
}

function parsed(line: string): Message {
  const message = JSON.parse(line) as Partial<Message> | null;
  const { worker, values } = message ?? {};
  const isText = (value: unknown): boolean => typeof value === 'string';
  const isValue = (one: Partial<HandedValue> | null): boolean =>
    one !== null && [one.name, one.key, one.hash, one.value].every(isText);
  if (typeof worker === 'string' && Array.isArray(values) && values.every(isValue)) return { worker, values };
  throw new Error('expected { worker, values }');
}

/** The first line that comes; rejects when it is too long, or does not come in time. */
function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8').setTimeout(PATIENCE, () => reject(new Error(`nothing came for ${PATIENCE / 1000} s`)));
    socket.on('data', (chunk: string) => {
      text += chunk;
      const end = text.indexOf('\n');
      if (end >= 0) resolve(text.slice(0, end));
      else if (text.length > LARGEST) reject(new Error(`more than ${LARGEST} characters`));
    });
    socket.once('close', () => reject(new Error('the connection was closed')));
    socket.once('error', reject);
  });
}

/**
 * Hands values to a worker; resolves when others know that it has them. Rejects when it does not take them, and for a
 * socket that is not of this user alone.
 */
export async function handOver(path: string, worker: string, values: readonly HandedValue[]): Promise<void> {
  refuseStrange(path);
  const socket = connect(path);
  try {
    const line = readLine(socket);
    socket.write(`${JSON.stringify({ worker, values } satisfies Readonly<Record<keyof Message, unknown>>)}\n`);
    const reply = JSON.parse(await line) as Reply;
    if (!reply.ok) throw new Error(reply.error);
  } finally {
    socket.destroy();
  }
}

/** Values are shown to nobody but this user's own worker. */
function refuseStrange(path: string): void {
  const stat = lstatSync(path);
  const isOurs = stat.isSocket() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
  const reason = distrust(dirname(path)) ?? (isOurs ? undefined : `${path} is no socket of this user alone`);
  if (reason !== undefined) throw new Error(`no values are handed over: ${reason}`);
}
