/** Loads once what is loaded late. */

/**
 * Answers with what `load` gives; a promise only until it is there. An `import()` in the way of each task is looked up each
 * time, which costs more than what it is imported for. What could not be loaded is tried again.
 */
export function lazily<T>(load: () => Promise<T>): () => T | Promise<T> {
  let loaded: { value: T } | undefined;
  const keep = (value: T): T => {
    loaded = { value };
    return value;
  };
  return () => (loaded === undefined ? load().then(keep) : loaded.value);
}
