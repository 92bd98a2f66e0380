/** The metrics of a store, read as a scraper reads them. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Client, defineRecipe } from '#offstage';
import { makeClient, openVerbs } from '#offstage/client/index.js';
import { exposition } from '#offstage/client/metrics/exposition.js';
import { Histogram } from '#offstage/client/metrics/histogram.js';
import { OTHER, Recipes } from '#offstage/client/metrics/recipe-labels.js';
import { keepAlive } from '../drive.js';

interface Read {
  name: string;
  labels: Record<string, string>;
  value: number;
}

/** By the rules of the format: a HELP and a TYPE line before each family, samples of that family only, escapes in labels. */
function parsed(text: string): { types: Record<string, string>; samples: Read[] } {
  assert.ok(text.endsWith('\n'));
  const types: Record<string, string> = {};
  const samples: Read[] = [];
  let family = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-z_]+) \S.*$/.exec(line);
    const type = /^# TYPE ([a-z_]+) (gauge|counter|histogram)$/.exec(line);
    if (help !== null) family = help[1] ?? '';
    else if (type !== null) types[type[1] ?? ''] = type[2] ?? '';
    else samples.push(sampleOf(line, family, types[family] ?? ''));
  }
  return { types, samples };
}

function sampleOf(line: string, family: string, type: string): Read {
  const [, name = '', inner = '', value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  const base = type === 'histogram' ? name.replace(/_(bucket|sum|count)$/, '') : name;
  assert.equal(base, family, `${line} stands under ${family}`);
  const pairs = [...inner.matchAll(/([a-z]+)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/g)];
  assert.equal(pairs.map(([all]) => all).join(''), inner, line);
  const plain = (text: string): string => text.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
  const labels = Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, plain(text)]));
  assert.ok(Number.isFinite(Number(value)), line);
  return { name, labels, value: Number(value) };
}

async function clientOf(t: TestContext, worker: 'app' | 'none' = 'app'): Promise<Client> {
  keepAlive(t);
  const client = makeClient(await openVerbs({ store: ':memory:', worker }));
  t.after(() => client.close());
  return client;
}

const double = defineRecipe({ name: 'double', run: ({ n }: { n: number }) => n * 2 });
const fails = defineRecipe({
  name: 'fails',
  run: () => {
    throw new Error('no luck');
  },
});

const reading = async (client: Client) => {
  const { types, samples } = parsed(await client.metrics());
  const of = (name: string, labels: Record<string, string> = {}): number | undefined =>
    samples.find((one) => one.name === name && Object.entries(labels).every(([key, text]) => one.labels[key] === text))
      ?.value;
  return { types, samples, of };
};

test('names, types and labels are those of the contract, also of a store with nothing in it', async (t) => {
  const client = await clientOf(t);
  const { types, samples, of } = await reading(client);
  assert.deepEqual(types, {
    offstage_tasks: 'gauge',
    offstage_workers: 'gauge',
    offstage_oldest_pending_seconds: 'gauge',
    offstage_deliveries: 'gauge',
    offstage_schedules: 'gauge',
    offstage_consumer_lag: 'gauge',
    offstage_build_info: 'gauge',
    offstage_tasks_ended_total: 'counter',
    offstage_abandoned_total: 'counter',
    offstage_attempt_duration_seconds: 'histogram',
    offstage_queue_seconds: 'histogram',
  });
  assert.equal(of('offstage_build_info'), 1);
  const statuses = samples.filter(({ name }) => name === 'offstage_tasks').map(({ labels }) => labels.status);
  assert.deepEqual(statuses.sort(), ['cancelled', 'completed', 'failed', 'input_required', 'pending', 'running']);
});

test('ends are counted by what they were, and never fall; how long attempts ran and waited is counted from the first look on', async (t) => {
  const client = await clientOf(t);
  await (await client.submit({ recipe: double, input: { n: 1 } })).wait(60);
  assert.equal((await reading(client)).of('offstage_attempt_duration_seconds_count', { recipe: 'double' }), undefined);
  await (await client.submit({ recipe: double, input: { n: 1 } })).wait(60);
  const failed = await client.submit({ recipe: fails, retries: 1, backoff: { initial: 0 } });
  await assert.rejects(failed.wait(60));
  const cancelled = await client.submit({ recipe: double, input: { n: 1 }, delay: '1h' });
  await cancelled.cancel();
  for (const isCleared of [false, true]) {
    if (isCleared) assert.equal(await client.clear(), 4);
    const { of } = await reading(client);
    const ended = (recipe: string, outcome: string, code = '') =>
      of('offstage_tasks_ended_total', { recipe, outcome, code });
    assert.deepEqual(
      [ended('double', 'completed'), ended('fails', 'failed', 'failed'), ended('double', 'cancelled')],
      [2, 1, 1],
    );
    assert.equal(of('offstage_tasks', { status: 'completed' }), isCleared ? 0 : 2);
    const counted = (name: string, recipe: string) => of(`offstage_${name}_seconds_count`, { recipe });
    assert.deepEqual(
      ['double', 'fails'].flatMap((recipe) => [counted('attempt_duration', recipe), counted('queue', recipe)]),
      [1, 1, 2, 2],
    );
    assert.equal(of('offstage_attempt_duration_seconds_bucket', { recipe: 'fails', le: '+Inf' }), 2);
  }
});

test('what waits is told by how long the first has waited; what is to start later waits for nobody', async (t) => {
  const client = await clientOf(t, 'none');
  await client.submit({ command: ['true'], delay: '1h' });
  assert.equal((await reading(client)).of('offstage_oldest_pending_seconds'), 0);
  await client.submit({ command: ['true'] });
  const { of } = await reading(client);
  assert.ok((of('offstage_oldest_pending_seconds') ?? -1) >= 0);
  assert.deepEqual([of('offstage_tasks', { status: 'pending' }), of('offstage_workers')], [2, 0]);
});

test('a consumer is told by what it has not taken', async (t) => {
  const client = await clientOf(t);
  const consumer = client.consume('slow "one"\n\\', { from: 'start' }, async () => {
    throw new Error('never');
  });
  await (await client.submit({ recipe: double, input: { n: 1 } })).wait(60);
  const { samples } = await reading(client);
  const lag = samples.find(({ name }) => name === 'offstage_consumer_lag');
  assert.equal(lag?.labels.consumer, 'slow "one"\n\\');
  assert.ok(lag.value >= 3, `${lag.value}`);
  await consumer.stop();
});

test('labels are escaped by the rules of the format', () => {
  const text = exposition([
    { name: 'x', type: 'gauge', help: 'a\\b\nc', samples: [{ labels: { recipe: 'a"b\\c\nd' }, value: 1 }] },
  ]);
  assert.equal(text, '# HELP x a\\\\b\\nc\n# TYPE x gauge\nx{recipe="a\\"b\\\\c\\nd"} 1\n');
});

test('beyond a hundred recipes all are one, and those that came first stay', () => {
  const recipes = new Recipes();
  const labels = Array.from({ length: 102 }, (_, n) => recipes.labelOf(`r${n}`));
  assert.deepEqual(labels.slice(99), ['r99', OTHER, OTHER]);
  assert.equal(recipes.labelOf('r0'), 'r0');
});

test('of recipes that have come to an end every process says the same, whatever it has seen before', () => {
  const ended = Array.from({ length: 150 }, (_, n) => `r${n}`);
  const [one, other] = [new Recipes(), new Recipes()];
  for (const recipe of [...ended].reverse()) other.labelOf(recipe);
  for (const all of [one, other]) for (const recipe of ended) all.end(recipe);
  for (const [n, recipe] of ended.entries()) {
    const wanted = n < 100 ? recipe : OTHER;
    assert.deepEqual([one.labelOf(recipe), other.labelOf(recipe)], [wanted, wanted], recipe);
  }
});

test('what a histogram has counted goes along when a label is for all others', () => {
  const recipes = new Recipes();
  const histogram = new Histogram(recipes);
  for (let n = 0; n < 99; n++) recipes.end(`r${n}`);
  histogram.add('late', 200);
  const counts = () =>
    histogram.samples().flatMap(({ suffix, labels, value }) => (suffix === '_count' ? [[labels?.recipe, value]] : []));
  assert.deepEqual(counts(), [['late', 1]]);
  recipes.end('sooner');
  histogram.add('another', 300);
  assert.deepEqual(counts(), [[OTHER, 2]]);
});
