/** The work that is queued: one function for all tasks, so that no row measures the making of closures. */
export const NOOP = { sync: () => 1, async: async () => 1 };

export const oneMillisecond = () => new Promise((resolve) => setTimeout(resolve, 1));

let cached = [];
/** 0 … n-1; made once, because those that take an array would have it anyway. */
export function numbers(n) {
  if (cached.length !== n) cached = Array.from({ length: n }, (_, index) => index);
  return cached;
}
