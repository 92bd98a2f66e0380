/** A process that kills itself at a statement of its turn. */
import type { Program } from '#offstage/ports/backend.js';
import { storeOver } from '#offstage/store/index.js';
import { openSqlite } from '#offstage/store/sqlite/open.js';
import { writesThrough } from './through.js';

const { path, statement, asked } = JSON.parse(process.argv[2] ?? '');

function* killing<T>(program: Program<T>): Program<T> {
  let step = program.next();
  for (let n = 1; !step.done; n++) {
    const answer = yield step.value;
    if (n === statement) process.kill(process.pid, 'SIGKILL');
    step = program.next(answer);
  }
  return step.value;
}

const store = storeOver(writesThrough(await openSqlite(path), killing));
await store.run('turn', { worker: 'w', changes: [], submits: [], running: [], room: 99, ...asked });
await store.close();
