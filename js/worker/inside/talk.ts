/** What the code of a run tells and asks of its worker. */
import { Asked } from '../../wire/asked.ts';
import { cut } from '../../wire/cut.ts';
import type { Say } from '../protocol.ts';
import { Calls } from './calls.ts';
import { Telling } from './telling.ts';

/** One side of it for a run; a run that says nothing has none. */
export class Talk {
  readonly telling: Telling;
  readonly calls: Calls;
  readonly asked = new Asked();

  /** `say` is told facts and calls, a call after all facts before it. */
  constructor(run: number, say: Say, signalOf: () => AbortSignal) {
    this.telling = new Telling(run, say);
    const sayCall: Say = (message) => {
      this.telling.flush();
      return say(message);
    };
    this.calls = new Calls(run, sayCall, signalOf);
  }

  /** Resolves when what the code has asked for is done; what failed unheard is told. */
  async settle(): Promise<void> {
    if (!this.asked.isIdle) await this.asked.done();
    for (const line of this.asked.unheard()) this.telling.tell({ kind: 'log', lines: [cut(line)] });
  }

  /** Sends what is held back; from now on nothing more is taken, or waited for. Once is enough. */
  close(): void {
    this.asked.release();
    this.telling.close();
    this.calls.close();
  }
}
