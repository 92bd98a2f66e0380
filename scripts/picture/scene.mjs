// A fresh project with real recipes, in a folder of its own, and a terminal in which our commands are typed.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How long one command may take, in milliseconds. */
const PATIENCE = 60_000;

export class Scene {
  #folder = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-picture-')));
  #env;

  /** `bin`: the command line to show. */
  constructor(bin) {
    mkdirSync(this.#path('bin'));
    symlinkSync(bin, this.#path('bin/offstage'));
    mkdirSync(this.#path('app'));
    writeFileSync(this.#path('app/package.json'), '{ "type": "module" }\n');
    this.#env = {
      PATH: [this.#path('bin'), dirname(process.execPath), process.env.PATH].join(':'),
      HOME: this.#folder,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      OFFSTAGE_WORKER_IDLE: '60',
    };
  }

  #path(name) {
    return join(this.#folder, name);
  }

  file(name, text) {
    writeFileSync(this.#path(`app/${name}`), text);
  }

  recipe(name, source) {
    mkdirSync(this.#path(`app/recipes/${name}`), { recursive: true });
    writeFileSync(this.#path(`app/recipes/${name}/recipe.mjs`), source);
    writeFileSync(this.#path(`app/recipes/${name}/TEMPLATE.yaml`), `name: ${name}\n`);
  }

  /** What the command prints on a terminal of that many columns. */
  async type(command, { columns = 84, env = {} } = {}) {
    const inside = `stty cols ${columns} rows 40; ${command}`;
    const { stdout } = await run('script', ['-qec', inside, '/dev/null'], {
      cwd: this.#path('app'),
      env: { ...this.#env, ...env },
      timeout: PATIENCE,
    });
    return stdout.replaceAll('\r\n', '\n').trimEnd();
  }

  /** The document that the command prints. */
  async ask(...words) {
    const { stdout } = await run('offstage', [...words, '--json'], {
      cwd: this.#path('app'),
      env: this.#env,
      timeout: PATIENCE,
    });
    return JSON.parse(stdout);
  }

  /** Asks again until the document is as it should be. */
  async until(is, ...words) {
    const end = Date.now() + PATIENCE;
    for (;;) {
      const document = await this.ask(...words);
      if (is(document)) return document;
      if (Date.now() > end) throw new Error(`${words.join(' ')} did not come to what was waited for`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Ends what runs, and removes the folder. */
  async end() {
    await this.ask('background', 'clear', '--all').catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}
