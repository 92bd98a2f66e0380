/** A value that must not be readable anywhere, in any of the forms that are promised, and the places to look for it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Models } from '../js/program/agents/models.js';
import type { Scene } from './scene.js';

/** With what JSON escapes, what addresses escape, and enough that no part of it comes about by chance. */
export const CANARY = 'Xq7/Vw+zJ"k3Tf\\Rm9 Hy5%Lc2=Gd8&Np4';

/** As a text of JSON has it. */
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Every form in which it must not be found. */
export const FORMS: Readonly<Record<string, string>> = {
  plain: CANARY,
  json: escaped(CANARY),
  'json in json': escaped(escaped(CANARY)),
  hex: Buffer.from(CANARY).toString('hex'),
  'hex in capitals': Buffer.from(CANARY).toString('hex').toUpperCase(),
  percent: encodeURIComponent(CANARY),
  base64: Buffer.from(CANARY).toString('base64'),
  'base64 behind one byte': Buffer.from(`:${CANARY}`).toString('base64'),
  'base64 behind two bytes': Buffer.from(`::${CANARY}`).toString('base64'),
  base64url: Buffer.from(CANARY).toString('base64url'),
};

/** So many characters of one in a row are enough to know it by. */
const PART = 8;

/** The parts that tell; where a form ends its bytes may belong to what stands around it. */
function partsOf(form: string): string[] {
  const inside = form.slice(4, -4);
  return Array.from({ length: inside.length - PART + 1 }, (_, at) => inside.slice(at, at + PART));
}

const PARTS = Object.entries(FORMS).map(([name, form]) => [name, partsOf(form)] as const);

/** Where it can be read, as `place: form (part)`. */
export function readableIn(places: Iterable<readonly [place: string, text: string]>): string[] {
  return [...places].flatMap(([place, text]) =>
    PARTS.flatMap(([form, parts]) => {
      const part = parts.find((one) => text.includes(one));
      return part === undefined ? [] : [`${place}: ${form} (${part})`];
    }),
  );
}

/** A scene that keeps what its commands print. */
export class Watched {
  readonly scene: Scene;
  readonly #printed: [string, string][] = [];

  constructor(scene: Scene) {
    this.scene = scene;
  }

  /** Runs a command of the background group, and answers with its document. */
  cli<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    return this.document('background', ...args);
  }

  /** Runs any command, and answers with its document. */
  async document<T = Record<string, unknown>>(...args: string[]): Promise<T> {
    return JSON.parse(await this.#run(...args, '--json')) as T;
  }

  /** All that commands say of a task, and all that is in the folder, byte by byte. */
  async readable(...ids: string[]): Promise<string[]> {
    for (const id of ids) {
      for (const verb of ['status', 'events', 'logs', 'result']) await this.#run('background', verb, id);
      await this.cli('status', id);
    }
    await this.#run('background', 'list');
    return readableIn([...this.#printed, ...filesBelow(this.scene.folder)]);
  }

  /** Runs a command as people do, to have what it prints looked at. */
  async asPeopleDo(...args: string[]): Promise<void> {
    await this.#run(...args);
  }

  async #run(...args: string[]): Promise<string> {
    const { stdout, stderr } = await this.scene.project.run(...args);
    this.#printed.push([args.join(' '), stdout + stderr]);
    return stdout;
  }
}

function* filesBelow(folder: string): Generator<[string, string]> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path);
    else if (entry.isFile()) yield [path, readFileSync(path, 'latin1')];
  }
}

/** What a model server was sent, heads left out. */
export const bodiesOf = (models: Models): [string, string][] =>
  models.asked.map(({ body }, index) => [`request ${index + 1}`, JSON.stringify(body)]);
