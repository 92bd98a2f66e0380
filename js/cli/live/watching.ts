/** A text that is shown again whenever something has happened: in place on a terminal, else below the one before. */
import { pause } from '../../wire/pause.ts';
import type { Call } from '../command.ts';
import { type Stoppable, stoppable } from '../interrupt.ts';
import { Screen } from './screen.ts';
import { canRedraw } from './terminal.ts';

/** One view of what is watched. */
export interface View {
  /** With `--json`. */
  document: Record<string, unknown>;
  /** What of it is no matter of time alone: piped it is shown again only when this is another. */
  facts: string;
  /** For a person. */
  text: string;
  /** Nothing follows. */
  over?: boolean;
}

/** Room for a text: undefined where it may have any height. */
export type Room = Pick<Screen, 'rows' | 'columns'> | undefined;

interface Watched {
  /** Rings when something may have happened, until its signal is aborted. */
  changes(signal: AbortSignal): AsyncIterable<unknown>;
  look(room: Room, change: unknown): Promise<View>;
  /** What Ctrl-C leaves as it is, and how to go on. */
  stopped: Stoppable;
}

/** Milliseconds between two frames: nobody reads faster. Of whole texts one below the other there are fewer. */
const FRAME = 100;
const TEXT = 1_000;

/** Ends when nothing follows, or nobody reads any more; Ctrl-C ends the watching only. Answers with the last view. */
export function watchView(call: Call, { changes, look, stopped }: Watched): Promise<View | undefined> {
  const { io, globals } = call;
  const inPlace = !globals.json && canRedraw(io, io.stdout);
  return stoppable(io, stopped, async (signal) => {
    const show = inPlace ? drawn(call, signal) : printed(call, signal);
    try {
      let last: View | undefined;
      for await (const change of changes(signal)) {
        last = await look(show.room, change);
        await show.view(last);
        if (last.over || io.stdout.closed) return last;
      }
      signal.throwIfAborted();
      return last;
    } finally {
      show.end();
    }
  });
}

interface Show {
  room: Room;
  view(view: View): Promise<void>;
  end(): void;
}

function drawn({ io }: Call, signal: AbortSignal): Show {
  const screen = new Screen(io.stdout);
  const takeBack = screen.giveWayTo(io.stderr);
  return {
    room: screen,
    async view({ text, over }) {
      screen.draw(text.split('\n'));
      if (!over) await pause(FRAME, signal);
    },
    end() {
      takeBack();
      screen.leave();
    },
  };
}

/** Each one whole, an empty line between two texts. */
function printed(call: Call, signal: AbortSignal): Show {
  let last: string | undefined;
  return {
    room: undefined,
    async view({ document, text, facts, over }) {
      if (facts === last) return;
      call.answer(document, last === undefined ? text : `\n${text}`);
      last = facts;
      if (!over) await pause(TEXT, signal);
    },
    end: () => {},
  };
}
