/** What is there, or comes: for ways that each task takes, where nearly all is there. */

export type Soon<T> = T | Promise<T>;

/** Goes on with it: at once where it is there, since a promise costs more than most of what is done with it. */
export function soon<T, R>(of: Soon<T>, next: (value: T) => Promise<R>): Promise<R>;
export function soon<T, R>(of: Soon<T>, next: (value: T) => Soon<R>): Soon<R>;
export function soon<T, R>(of: Soon<T>, next: (value: T) => Soon<R>): Soon<R> {
  return of instanceof Promise ? of.then(next) : next(of);
}
