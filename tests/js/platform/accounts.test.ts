import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Getent, getent, membershipOf } from '#offstage/platform/accounts.js';

const PASSWD = [
  'root:x:0:0:root:/root:/bin/sh',
  'daemon:x:1:1::/:/bin/false',
  'ada:x:1000:1000:Ada:/home/ada:/bin/sh',
  'bob:x:1001:1001:Bob:/home/bob:/bin/sh',
];
const GROUP = ['root:x:0:', 'daemon:x:1:', 'ada:x:1000:', 'bob:x:1001:', 'users:x:100:'];

/** Databases in which lines were replaced (by their name) or added; null: cannot be asked. */
function system(passwd: readonly string[] | null = [], group: readonly string[] | null = []): Getent {
  const changed = (lines: readonly string[], changes: readonly string[]) => {
    const names = changes.map((line) => line.split(':')[0]);
    return `${[...lines.filter((line) => !names.includes(line.split(':')[0])), ...changes].join('\n')}\n`;
  };
  return (database) => {
    const changes = database === 'passwd' ? passwd : group;
    return changes === null ? undefined : changed(database === 'passwd' ? PASSWD : GROUP, changes);
  };
}

const ADA = 1000;
const TABLE: readonly (readonly [string, number, Getent, string])[] = [
  ["his primary group, of his name and number, nobody else's", 1000, system(), 'private'],
  ['the same, and he is named as its member', 1000, system([], ['ada:x:1000:ada']), 'private'],
  ['of his name with another number', 500, system(['ada:x:1000:500::/:'], ['ada:x:500:']), 'private'],
  ['of his number with another name', 1000, system([], ['ada:x:9:', 'staff:x:1000:']), 'private'],
  ['of neither his name nor number', 100, system(['ada:x:1000:100::/:']), 'shared'],
  ['his primary group, which is also that of another user', 1000, system(['eve:x:1002:1000::/:']), 'shared'],
  ['his primary group with another member', 1000, system([], ['ada:x:1000:ada,bob']), 'shared'],
  ['a second group of that number with another member', 1000, system([], ['alias:x:1000:bob']), 'shared'],
  ['not his primary group, though of his name', 500, system([], ['ada:x:500:']), 'shared'],
  ['a group that he is a member of', 100, system([], ['users:x:100:ada']), 'shared'],
  ["another user's group", 1001, system(), 'shared'],
  ['users cannot be asked', 1000, system(null), 'unknown'],
  ['groups cannot be asked', 1000, system([], null), 'unknown'],
  ['he is not listed himself: nor may others be', 1000, () => 'root:x:0:0::/:\n', 'unknown'],
  ['the group is not listed', 2000, system(['ada:x:1000:2000::/:']), 'unknown'],
  ['two names of one user are one user', 1000, system(['ada2:x:1000:1000::/:'], ['ada:x:1000:ada2']), 'private'],
  ['empty databases', 1000, () => '', 'unknown'],
];

for (const [what, gid, ask, expected] of TABLE) {
  test(`a group: ${what}: ${expected}`, () => {
    assert.equal(membershipOf(gid, ADA, ask), expected);
  });
}

test('the databases of this machine list root, and are asked once', { skip: process.platform !== 'linux' }, () => {
  assert.match(getent('passwd') ?? '', /^root:[^:]*:0:/m);
  assert.match(getent('group') ?? '', /^root:[^:]*:0:/m);
});
