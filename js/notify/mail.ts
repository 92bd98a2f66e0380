/** A mail, as programs like sendmail read it. */
import type { Message } from './channel.ts';
import { textOf, titleOf } from './text.ts';

export function mailOf({ id, body, from, to }: Message & { from: string; to: string }): string {
  return [
    `From: ${oneLine(from)}`,
    `To: ${oneLine(to)}`,
    `Subject: ${encoded(oneLine(titleOf(body)))}`,
    `Date: ${new Date(body.timestamp).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}@offstage>`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    ...lines(Buffer.from(`${textOf(body)}\n`).toString('base64'), 76),
    '',
  ].join('\n');
}

/** A header ends where its line does. */
const oneLine = (text: string): string => text.replace(/[\0\r\n]+/g, ' ');

/** RFC 2047, where it is not ASCII: words of 45 bytes at most, no character in two of them. */
function encoded(text: string): string {
  if (/^[ -~]*$/.test(text)) return text;
  const words: string[] = [''];
  for (const character of text) {
    if (Buffer.byteLength(words.at(-1) + character) > 45) words.push('');
    words[words.length - 1] += character;
  }
  return words.map((word) => `=?utf-8?B?${Buffer.from(word).toString('base64')}?=`).join('\n ');
}

function lines(text: string, length: number): string[] {
  const all: string[] = [];
  for (let at = 0; at < text.length; at += length) all.push(text.slice(at, at + length));
  return all;
}
