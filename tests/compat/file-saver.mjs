/** LangGraph's own saver in memory, kept in a file: those of its packages that survive a process need a database. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { deserialize, serialize } from 'node:v8';
import { MemorySaver } from '@langchain/langgraph';

export class FileSaver extends MemorySaver {
  #file;

  constructor(file) {
    super();
    this.#file = file;
    if (existsSync(file)) Object.assign(this, deserialize(readFileSync(file)));
  }

  async put(...args) {
    return this.#kept(await super.put(...args));
  }

  async putWrites(...args) {
    return this.#kept(await super.putWrites(...args));
  }

  #kept(answer) {
    const { storage, writes } = this;
    writeFileSync(this.#file, serialize({ storage, writes }));
    return answer;
  }
}
