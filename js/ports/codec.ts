/** What payloads of tasks are made into before they are stored: encrypted, compressed. */

/**
 * Makes stored values unreadable, or small. It gets the JSON text of one value at a time: an input, a config, a result, the
 * details of an error, the result of a step. Everything else of a task is stored as it is: names, metadata, tags,
 * questions and answers, progress, log and output, and the message of an error.
 */
export interface Codec {
  /**
   * Stored with what it made, so that whoever has no such codec says so. `a-z`, `0-9`, `.`, `_` and `-`, 64 characters at
   * most, beginning with a letter or digit. What it makes under one name it has to read for ever: give another format
   * another name, and keep the old one behind it in the list.
   */
  readonly name: string;
  /** What is stored, as base64. What it throws refuses the submit, or fails the attempt with `unserializable`. */
  encode(text: string): Uint8Array | Promise<Uint8Array>;
  /** The very text again. What it throws is told to whoever asks for the value; the task can be read all the same. */
  decode(data: Uint8Array): string | Promise<string>;
}
