import type { Store } from '#offstage/store/index.js';

/** A store whose tasks get this grace; a submit has no option for it, a runner has. */
export function withGrace(store: Store, ms: number): Store {
  return {
    ...store,
    run: (op, args) => {
      if (op !== 'submit') return store.run(op, args);
      const { tasks, start } = args as unknown as { tasks: { spec: object }[]; start: null };
      const graced = tasks.map((task) => ({ ...task, spec: { ...task.spec, kill_grace_ms: ms } }));
      return store.run(op, { tasks: graced, start } as never);
    },
  };
}
