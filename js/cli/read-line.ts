/** Reads a line that a person types at a terminal, with what Node offers for editing it. */
import { createInterface } from 'node:readline';

/**
 * Undefined when nobody types any more (Ctrl-D), or the signal is aborted. While a line is read the terminal gives a Ctrl-C
 * to us instead of making a signal of it: whoever listens to that hears of it all the same.
 */
export function readLine(prompt: string, signal: AbortSignal): Promise<string | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  const { stdin: input, stderr: output, env } = process;
  const lines = createInterface({ input, output, terminal: env.TERM !== 'dumb' });
  return new Promise((resolve) => {
    const close = (): void => lines.close();
    let typed: string | undefined;
    signal.addEventListener('abort', close, { once: true });
    lines.on('SIGINT', interrupt);
    lines.once('line', (line) => {
      typed = line;
      lines.close();
    });
    lines.once('close', () => {
      signal.removeEventListener('abort', close);
      if (typed === undefined) output.write('\n'); // what comes next begins a line
      resolve(typed);
    });
    lines.setPrompt(prompt);
    lines.prompt();
  });
}

/** As the terminal does otherwise. */
function interrupt(): void {
  if (!process.emit('SIGINT', 'SIGINT')) process.kill(process.pid, 'SIGINT');
}
