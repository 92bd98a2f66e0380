/** Runs the blocks of one page, in their order, in a folder of its own that has the package installed. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../../js/root.ts';
import type { Ended, Project } from '../tarball.ts';
import type { Block } from './blocks.ts';

/** The id that pages show stands for the newest task. */
const SHOWN_ID = '9f1c20ab';
const SHELL = `newest() { offstage background list --page-size 1 --json | jq -r '.tasks[0].task_id'; }\n`;

/** What Node 20 says of its own mock timers. */
const OF_NODE = /^\(node:\d+\) ExperimentalWarning: The MockTimers API.*\n\(Use `node .*\n/m;

export class PageFolder {
  readonly #project: Project;
  readonly #folder: string;
  readonly #blocks: readonly Block[];
  #last: Ended = { code: 0, stdout: '', stderr: '' };

  constructor(project: Project, page: string, blocks: readonly Block[]) {
    this.#project = project;
    this.#folder = join(project.folder, 'pages', page.replace(/\W+/g, '-').toLowerCase());
    this.#blocks = blocks;
    mkdirSync(this.#folder, { recursive: true });
    symlinkSync(join(project.folder, 'node_modules'), join(this.#folder, 'node_modules'));
    this.#write('package.json', JSON.stringify({ name: 'page', private: true, type: 'module' }));
  }

  /** Places the files; answers which of them the compiler is to read. */
  place(): string[] {
    for (const block of this.#blocks) {
      if (block.mark === 'file') this.#write(block.said, block.code);
      if (block.mark === 'run' && isCode(block)) this.#write(nameOf(block), block.code);
    }
    const named = this.#blocks.filter((block) => isCode(block) && /^(file|run)$/.test(block.mark));
    return named.map((block) => join(this.#folder, block.mark === 'file' ? block.said : nameOf(block)));
  }

  /** Does with one block what its mark says. */
  check(block: Block): void {
    const where = `${block.page}:${block.line}`;
    if (block.mark === 'prints') assertPrinted(block, this.#last.stdout, where);
    if (block.mark === 'run') this.#run(block, where);
    if (block.mark === 'answer of') this.#compare(block, where);
    if (block.mark === 'file' && basename(block.said) === 'TEMPLATE.yaml') this.#validate(block, where);
    if (/^(file|parsed)$/.test(block.mark)) parsed(block, where);
  }

  #run(block: Block, where: string): void {
    this.#last = isCode(block)
      ? this.#ended(process.execPath, [nameOf(block).replace(/\.m?ts$/, '.js')])
      : this.#shell(`set -euo pipefail\n${block.code}`);
    const expected = Number(/^exit (\d+)$/.exec(block.said)?.[1] ?? 0);
    const { code, stdout, stderr } = this.#last;
    assert.equal(code, expected, `${where} ended with ${code}\n${stdout}\n${stderr}`);
    if (isCode(block)) assert.equal(stderr.replace(OF_NODE, ''), '', where);
  }

  #compare(block: Block, where: string): void {
    const { stdout, stderr } = this.#shell(block.said);
    const [shown, real] = [block.code, stdout].map((text) => keysOf(JSON.parse(text)));
    assert.deepEqual(shown, real, `${where}: the keys that \`${block.said}\` answers with\n${stdout}${stderr}`);
  }

  #validate(block: Block, where: string): void {
    const { code, stderr } = this.#shell(`offstage recipe validate ./${dirname(block.said)}`);
    assert.ok(code === 0 || code === 6, `${where}: ${stderr}`); // 6: what it needs is not here
  }

  #shell(script: string): Ended {
    return this.#ended('bash', ['-c', SHELL + script.replaceAll(SHOWN_ID, '$(newest)')]);
  }

  #ended(command: string, args: readonly string[]): Ended {
    return this.#project.run(command, args, { API_KEY: 'a-key-of-the-examples' }, this.#folder);
  }

  #write(file: string, text: string): void {
    const path = join(this.#folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

const isCode = ({ language }: Block): boolean => /^m?[jt]s$/.test(language);

const nameOf = ({ line, language }: Block): string => `line-${line}.${language}`;

const keysOf = (value: unknown): string[] => Object.keys(value as object).sort();

function parsed({ language, code }: Block, where: string): void {
  if (language === 'json') JSON.parse(code);
  if (!/^ya?ml$/.test(language)) return;
  const problems = parseAllDocuments(code).flatMap((one) => ('errors' in one ? one.errors : []));
  assert.deepEqual(problems.map(String), [], where);
}

/** Line by line, where `…` is anything. */
function assertPrinted({ code }: Block, stdout: string, where: string): void {
  const pattern = code.trimEnd().split('…').map(escaped).join('[^\n]*?');
  assert.match(stdout.trimEnd(), new RegExp(`^${pattern}$`), where);
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** The compiler's options, as a strict project has them. */
export const STRICT = [
  ...['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2023,esnext.disposable'],
  ...['--types', 'node', '--exactOptionalPropertyTypes'],
];

export const TSC = join(ROOT, 'node_modules', '.bin', 'tsc');

/** Whether the text of a test says that it runs the examples of a page. */
export const claims = (text: string, page: string): boolean => text.includes(`examplesOf('${page}')`);
