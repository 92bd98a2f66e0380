/** The store's thread, but that it stands still for good behind one of the statements of a transaction that writes. */
import { workerData } from 'node:worker_threads';
import type { Program } from '#offstage/ports/backend.js';
import { Database } from '#offstage/store/sqlite/database.js';

/** Behind which statement, 0: none as yet; whether it stands; what nobody ever changes. */
const { state } = workerData as { state: Int32Array };

function* standing<T>(program: Program<T>): Program<T> {
  let step = program.next();
  while (!step.done) {
    const answer = yield step.value;
    if (n !== undefined && ++n === Atomics.load(state, 0)) {
      Atomics.store(state, 1, 1);
      Atomics.wait(state, 2, 0);
    }
    step = program.next(answer);
  }
  return step.value;
}

/** How many statements there were in the transaction. */
let n: number | undefined;
const { transaction, drive } = Database.prototype;
Database.prototype.transaction = function <T>(this: Database, write: boolean, body: () => T): T {
  n = write && Atomics.load(state, 0) > 0 ? 0 : undefined;
  return transaction.call(this, write, body) as T;
};
Database.prototype.drive = function <T>(this: Database, program: Program<T>): T {
  return drive.call(this, standing(program)) as T;
};
await import('#offstage/store/thread-main.js');
