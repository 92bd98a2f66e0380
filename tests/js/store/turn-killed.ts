/** A process that kills itself at a statement of its turn. */
import type { Backend, Moment, Program } from '#offstage/ports/backend.js';
import { storeOver } from '#offstage/store/index.js';
import { openSqlite } from '#offstage/store/sqlite/open.js';

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

const backend = await openSqlite(path);
const killed = new Proxy<Backend>(backend, {
  get(target, key) {
    if (key === 'write') {
      return (locks: readonly string[], program: (moment: Moment) => Program<unknown>, options: never) =>
        target.write(locks, (moment) => killing(program(moment)), options);
    }
    const value = Reflect.get(target, key, target);
    return typeof value === 'function' ? value.bind(target) : value;
  },
});

const store = storeOver(killed);
await store.run('turn', { worker: 'w', changes: [], submits: [], running: [], room: 99, ...asked });
await store.close();
