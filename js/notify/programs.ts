/** Programs of this machine that tell: any command, and the one that sends mail. */
import { spawn } from 'node:child_process';
import type { CommandChannel, SendmailChannel } from '../wire/channels.ts';
import type { Channel, Message, Surroundings } from './channel.ts';
import { mailOf } from './mail.ts';
import { DELIVERED, type Sent } from './sent.ts';
import { restOf, titleOf } from './text.ts';

/** What a program gets of the environment: no secrets. */
const SHOWN = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TZ',
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
];

export function command({ argv, timeout = 10 }: CommandChannel, { env }: Surroundings): Channel {
  return {
    send(message) {
      const values = placeholders(message);
      const filled = argv.map((part) => part.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole));
      return run(filled, `${JSON.stringify({ id: message.id, ...message.body })}\n`, timeout, env, message.signal);
    },
  };
}

function placeholders({ id, body, target = '' }: Message): Record<string, string> {
  const { task_id, status } = body.data;
  const text = restOf(body);
  return plain({ title: titleOf(body), text, type: body.type, task_id, status, id, target });
}

/** No argument of a program holds a NUL. */
const plain = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, text]) => [name, text.replaceAll('\0', '')]));

export function sendmail(config: SendmailChannel, { env }: Surroundings): Channel {
  const { argv = ['sendmail', '-t', '-i'], from, to = '', timeout = 15 } = config;
  return {
    send: (message) => run(argv, mailOf({ ...message, from, to: message.target ?? to }), timeout, env, message.signal),
  };
}

/** Leads a group of its own, which goes when its time is over. */
function run(
  [program = '', ...args]: readonly string[],
  input: string,
  timeout: number,
  env: Surroundings['env'],
  given?: AbortSignal,
): Promise<Sent> {
  const late = AbortSignal.timeout(timeout * 1000);
  const signal = given === undefined ? late : AbortSignal.any([given, late]);
  return new Promise((resolve) => {
    const shown = Object.fromEntries(SHOWN.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
    const child = spawn(program, args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'], env: shown, cwd: '/' });
    const kill = (): void => killGroup(child.pid);
    const end = (sent: Sent): void => {
      signal.removeEventListener('abort', kill);
      resolve(sent);
    };
    signal.addEventListener('abort', kill);
    if (signal.aborted) kill();
    child.once('error', (error: NodeJS.ErrnoException) =>
      end({ as: 'failed', why: `it cannot be run (${error.code})` }),
    );
    child.once('exit', (code, by) => end(signal.aborted ? tooLate(timeout) : endOf(code, by)));
    child.stdin.on('error', () => {}); // it need not read it
    child.stdin.end(input);
  });
}

const tooLate = (seconds: number): Sent => ({ as: 'failed', why: `it had not ended after ${seconds} s` });

function endOf(code: number | null, signal: string | null): Sent {
  if (code === 0) return DELIVERED;
  return { as: 'failed', why: code === null ? `it was ended by ${signal}` : `it ended with exit code ${code}` };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended
  }
}
