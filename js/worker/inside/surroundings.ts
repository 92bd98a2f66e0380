/** Puts the process back to how it was before the run that came first. */

const HOME_FOLDER = process.cwd();

/** Sets the environment of the next run, all of it, and restores working folder and exit code. */
export function resetProcess(env: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(process.env)) {
    if (!(name in env)) delete process.env[name];
  }
  for (const [name, value] of Object.entries(env)) {
    if (process.env[name] !== value) process.env[name] = value;
  }
  process.exitCode = undefined;
  if (process.cwd() !== HOME_FOLDER) process.chdir(HOME_FOLDER);
}

const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write.bind(stream) }));

/**
 * Has writes to stdout and stderr wait for the reader. Otherwise what a flood writes would pile up in this process, and an
 * end at once (`process.exit`, a crash) would lose what was written last. Undocumented, but long there; without it a child
 * works the same but for that.
 */
export function writeThrough(): void {
  for (const { stream } of streams) {
    const { _handle: handle } = stream as { _handle?: { setBlocking?(on: boolean): number } };
    handle?.setBlocking?.(true);
  }
}

/** Resolves when all that was written to stdout and stderr has left the process. */
export async function flushed(): Promise<void> {
  await Promise.all(
    streams.map(({ stream, write }) => {
      if (stream.destroyed || stream.writableEnded || stream.writableLength === 0) return undefined;
      return new Promise<void>((resolve) => void write('', () => resolve()));
    }),
  );
}
