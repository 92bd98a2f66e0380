/** Reads an answer: server-sent events, or one JSON document from a server that does not stream. */
import type { IncomingMessage } from 'node:http';
import { createParser } from 'eventsource-parser';
import { TextStream } from '../../../wire/text.ts';
import { AgentError, type FailureFacts } from '../failure.ts';
import { Assembly } from './assembly.ts';
import { textFrom } from './post.ts';
import type { ModelAnswer } from './types.ts';

type Facts = Omit<FailureFacts, 'reason'>;

/** Characters of one event. */
const LONGEST_EVENT = 16 * 1024 * 1024;
const LARGEST_DOCUMENT = 32 * 1024 * 1024;

/** Answers with the whole; `tell` gets its text piece by piece. `AgentError` (`model_stream`) for what is no answer. */
export async function readAnswer(
  answer: IncomingMessage,
  facts: Facts,
  tell: (text: string) => void,
): Promise<ModelAnswer> {
  const type = answer.headers['content-type'] ?? '';
  const assembly = new Assembly(facts);
  if (type.startsWith('application/json')) {
    const text = await textFrom(answer, LARGEST_DOCUMENT);
    tell(assembly.add(parsed(text, facts)));
    return assembly.whole();
  }
  if (!type.startsWith('text/event-stream')) {
    const begins = (await textFrom(answer, 200)).trim().slice(0, 80);
    throw broken(
      `the server answered with ${type || 'no content type'}, expected a stream of events: ${begins}`,
      facts,
    );
  }
  await readEvents(answer, facts, (piece) => tell(assembly.add(piece)));
  return assembly.whole();
}

async function readEvents(answer: IncomingMessage, facts: Facts, take: (piece: unknown) => void): Promise<void> {
  let isDone = false;
  const parser = createParser({
    maxBufferSize: LONGEST_EVENT,
    onError: ({ type }) => {
      if (type === 'max-buffer-size-exceeded')
        throw broken(`one event is longer than ${LONGEST_EVENT} characters`, facts);
    },
    onEvent: ({ data }) => {
      if (data.trim() === '[DONE]') isDone = true;
      else if (!isDone && data.trim() !== '') take(parsed(data, facts));
    },
  });
  const text = new TextStream();
  for await (const bytes of answer as AsyncIterable<Buffer>) {
    parser.feed(text.add(bytes));
    if (isDone) break;
  }
  if (!isDone) parser.feed(`${text.end()}\n\n`); // the last event of a server that ends without an empty line
}

function parsed(text: string, facts: Facts): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw broken(`the server sent what is no JSON: ${text.slice(0, 80)}`, facts);
  }
}

const broken = (message: string, facts: Facts): AgentError =>
  new AgentError(message, { ...facts, reason: 'model_stream' });
