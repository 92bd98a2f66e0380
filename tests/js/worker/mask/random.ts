/** Random values for property tests, from a seed that a failure names. */
export interface Random {
  below(n: number): number;
  pick<T>(from: readonly T[]): T;
  text(length: number, alphabet: string): string;
}

/** mulberry32: small, and the same everywhere. */
export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(next() * n);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const text = (length: number, alphabet: string): string => {
    const chars = [...alphabet];
    return Array.from({ length }, () => pick(chars)).join('');
  };
  return { below, pick, text };
}

/** The seed that the environment names, else always the same one. */
export const seedOf = (): number => Number(process.env.SEED ?? 20_261_127);

const ALNUM = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const KINDS = [ALNUM, `${ALNUM}-_`, `${ALNUM}+/=`, `${ALNUM}"\\'<>&%+/ ?#:@!()`, `${ALNUM}äöß€字😀\t`, '123456789'];

/** A value as variables have them: keys, numbers, passwords with anything in them, several lines. */
export function someValue(random: Random): string {
  const line = (): string => random.text(8 + random.below(40), random.pick(KINDS));
  if (random.below(6) > 0) return line();
  return Array.from({ length: 2 + random.below(4) }, line).join(random.pick(['\n', '\r\n'])) + random.pick(['', '\n']);
}

/** How a program may write a value, with what comes beside it in the same piece of code. Written without the code under test. */
export function shownOf(value: string, random: Random): string {
  const bytes = Buffer.concat([
    Buffer.from(random.text(random.below(5), ALNUM)),
    Buffer.from(value),
    Buffer.from(random.text(random.below(5), ALNUM)),
  ]);
  const escaped = JSON.stringify(value).slice(1, -1);
  return random.pick([
    value,
    escaped,
    escaped.replaceAll('/', '\\/'),
    encodeURIComponent(value),
    encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase()),
    new URLSearchParams({ v: value }).toString(),
    Buffer.from(value).toString('hex'),
    Buffer.from(value).toString('hex').toUpperCase(),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    random.pick(value.split(/\r?\n/)),
  ]);
}

/** What must not be readable anywhere, in any of the forms. */
export function traces(value: string): string[] {
  const bytes = Buffer.from(value);
  const inner = [0, 1, 2].flatMap((before) => {
    const all = Buffer.concat([Buffer.alloc(before), bytes]);
    const stable = (text: string) => text.slice(Math.ceil((before * 4) / 3), Math.floor((all.length * 4) / 3));
    return [stable(all.toString('base64')), stable(all.toString('base64url'))];
  });
  const lines = value.split(/\r?\n/).filter((line) => line.trim().length >= 8);
  const whole = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), bytes.toString('hex')];
  return [...whole, ...inner, ...lines.map((line) => line.trim())];
}
