/** Inputs that a model cannot look into: said before anything runs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unseenMedia } from '#offstage/program/agents/unseen-media.js';

const use = (name: string, from: 'built-in' | 'python') => ({ name, from, policy: 'allow' as const });

test('a file of other media than text is warned of, unless functions of the recipe may look into it', () => {
  const said = (names: string[], ...uses: ReturnType<typeof use>[]) => unseenMedia(names, uses).length;
  assert.equal(said(['image_path', 'video-files', 'PDF', 'audio', 'screenshots']), 5);
  assert.equal(said(['topic', 'imagery', 'path', 'revision']), 0);
  assert.equal(said(['image_path'], use('read_file', 'built-in')), 1);
  assert.equal(said(['image_path'], use('analyze_image', 'python')), 0);
  const [shell] = unseenMedia(['image_path'], [use('execute_command', 'built-in')]);
  assert.match(String(shell), /^input image_path: .*but for what a shell prints of it$/);
});
