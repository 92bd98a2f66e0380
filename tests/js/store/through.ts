/** A backend, and a store, with hands of one's own on what it is asked. */
import type { Backend, Program } from '#offstage/ports/backend.js';
import type { Store } from '#offstage/store/index.js';

/** The same backend, but for these. */
export const backendWith = (backend: Backend, own: Partial<Pick<Backend, 'read' | 'write'>>): Backend =>
  new Proxy(backend, {
    get(target, key) {
      if (key in own) return own[key as keyof typeof own];
      const value = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

/** The same backend, whose programs that write are run through that. */
export const writesThrough = (backend: Backend, through: <T>(program: Program<T>) => Program<T>): Backend =>
  backendWith(backend, {
    write: (locks, program, options) => backend.write(locks, (moment) => through(program(moment)), options),
  });

/** A store whose operations go another way. */
export const storeThrough = (store: Store, run: Store['run']): Store =>
  Object.assign(Object.create(store), { run, watch: store.watch.bind(store), close: store.close.bind(store) });
