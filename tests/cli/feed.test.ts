/** The events of all tasks, as one process makes them and another one shows them. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import type { FeedEventJson } from '#offstage/wire/feed.js';
import { Project } from '../js/client/project.js';
import { Cli } from './process.js';

interface Page {
  events: FeedEventJson[];
  next: string;
  more: boolean;
  error?: string;
  details?: { reset: string; next: string };
}

const lines = (text: string): FeedEventJson[] =>
  text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

test('events --all of tasks of other processes: a document, lines that follow, and a cursor to go on from', async (t) => {
  const project = new Project(t);
  const following = new Cli(t, project, ['background', 'events', '--all', '--follow', '--json']);
  const one = await project.json<{ task_id: string }>('background', 'submit', '--recipe', 'echo', '--wait');
  await following.prints(({ stdout }) => stdout.includes('"completed"'));
  const seen = lines(following.stdout);
  assert.deepEqual(
    seen.map(({ kind, task_id, recipe, name }) => [kind, task_id, recipe, name]),
    ['submitted', 'started', 'completed'].map((kind) => [kind, one.task_id, 'echo', 'echo']),
  );
  const all = await project.json<Page>('background', 'events', '--all');
  assert.deepEqual([all.ok, all.events, all.more, all.exit], [true, seen, false, 0]);
  assert.equal(all.next, seen.at(-1)?.cursor);
  const rest = await project.json<Page>(
    'background',
    'events',
    '--all',
    '--after',
    seen[0]?.cursor ?? '',
    '--limit',
    '1',
  );
  assert.deepEqual([rest.events, rest.more], [seen.slice(1, 2), true]);
  const ends = await project.json<Page>(
    'background',
    'events',
    '--all',
    '--kind',
    'completed,failed',
    '--recipe',
    'echo',
  );
  assert.deepEqual(ends.events, seen.slice(2));
  const text = await project.run('background', 'events', '--all', '--after', seen[1]?.cursor ?? '');
  assert.match(text.stdout, /^[-\d]+ [:\d]+ \[[0-9a-f]{8}\] echo {4}3 completed attempt=1 epoch=1\n$/);
  await project.run('background', 'clear', one.task_id);
  await following.prints(({ stdout }) => stdout.includes('"cleared"'));
  const cleared = lines(following.stdout).at(-1);
  assert.deepEqual([cleared?.kind, cleared?.task_id, cleared?.seq], ['cleared', one.task_id, 0]);
  following.child.kill('SIGINT');
  const ended = await following.ended;
  assert.equal(ended.code, 130);
  assert.match(ended.stdout, /"code":"interrupted"/);
});

test('a cursor of a store that was made anew is refused with where to go on', async (t) => {
  const project = new Project(t);
  await project.json('background', 'submit', '--recipe', 'echo', '--no-worker');
  const { next } = await project.json<Page>('background', 'events', '--all');
  rmSync(project.file('.offstage'), { recursive: true });
  await project.json('background', 'submit', '--recipe', 'echo', '--no-worker');
  const refused = await project.json<Page>('background', 'events', '--all', '--after', next);
  assert.deepEqual([refused.ok, refused.code, refused.exit], [false, 'feed_reset', 4]);
  assert.equal(refused.details?.reset, 'store_replaced');
  const on = await project.json<Page>('background', 'events', '--all', '--after', refused.details?.next ?? '');
  assert.deepEqual([on.events, on.exit], [[], 0]);
});

test('what --all does not go with, and what goes with it alone, is refused', async (t) => {
  const project = new Project(t);
  const wrong: [string[], RegExp][] = [
    [['--all', '9f1c20ab'], /^--all: got it beside an id/],
    [['9f1c20ab', '--kind', 'completed'], /^--kind: got it without --all/],
    [['9f1c20ab', '--recipe', 'echo'], /^--recipe: got it without --all/],
    [['--all', '--kind', 'ended'], /^--kind: got "ended", expected one of submitted, /],
    [['--all', '--after', '7'], /^--after: got "7", expected 'start', 'now', or a cursor/],
  ];
  for (const [args, message] of wrong) {
    const { exit, error } = await project.json<{ error: string }>('background', 'events', ...args);
    assert.equal(exit, 2, args.join(' '));
    assert.match(error, message);
  }
});
