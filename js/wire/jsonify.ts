/** What becomes of a value that was stored: types only. */

/**
 * What JSON makes of a value: a `Date` is a text, a `Map` an empty object, an object has no methods, `undefined` is left
 * out of an object and is `null` elsewhere, of a `bigint` there is nothing. A type that JSON does not change stays as it is.
 *
 * A property that is a getter of a class, or not enumerable, cannot be told from one that is there: it is left in.
 */
export type Jsonify<T> =
  IsAny<T> extends true ? T : [Json<T>] extends [T] ? ([T] extends [Json<T>] ? T : Json<T>) : Json<T>;

/** What holds of a value both in a runner, which hands it on as it is, and in a store. */
export type OrJson<T> = T | Jsonify<T>;

type IsAny<T> = 0 extends 1 & T ? true : false;

/** Left out of an object, and `null` in an array. */
type Absent = undefined | symbol | ((...args: never) => unknown) | (abstract new (...args: never) => unknown);

type Json<T> =
  IsAny<T> extends true
    ? T
    : unknown extends T
      ? unknown
      : T extends string | number | boolean | null
        ? T
        : T extends bigint
          ? never
          : T extends { toJSON(key: string): infer Told }
            ? Json<Told>
            : T extends Absent
              ? null
              : T extends object
                ? JsonOf<T>
                : T; // void: whatever it is, nobody looks

type JsonOf<T extends object> = T extends readonly unknown[]
  ? { [Key in keyof T]: Json<T[Key]> }
  : T extends { readonly BYTES_PER_ELEMENT: number; readonly [index: number]: infer Item }
    ? Record<string, Json<Item>>
    : T extends Hollow
      ? Record<string, never>
      : T extends Error
        ? JsonObject<Omit<T, keyof Error>>
        : JsonObject<T>;

/** What keeps all that it has where JSON does not look. */
type Hollow =
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | WeakMap<WeakKey, unknown>
  | WeakSet<WeakKey>
  | PromiseLike<unknown>
  | RegExp
  | ArrayBuffer
  | DataView;

type JsonObject<T> = Flat<
  { [Key in keyof T as Always<T, Key>]: Json<T[Key]> } & {
    [Key in keyof T as Sometimes<T, Key>]?: Json<Exclude<T[Key], Absent>>;
  }
>;

type Flat<T> = { [Key in keyof T]: T[Key] };

type Always<T, Key extends keyof T> = Key extends symbol ? never : Presence<T[Key]> extends 'always' ? Key : never;
type Sometimes<T, Key extends keyof T> = Key extends symbol
  ? never
  : Presence<T[Key]> extends 'sometimes'
    ? Key
    : never;

type Presence<T> =
  IsAny<T> extends true
    ? 'always'
    : unknown extends T
      ? 'always'
      : [T] extends [Absent]
        ? 'never'
        : [Extract<T, Absent>] extends [never]
          ? 'always'
          : 'sometimes';
