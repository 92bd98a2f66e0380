/** What a store can be watched by, as text for Prometheus. */
import type { Measured } from '../../store/types.ts';
import { packageVersion } from '../../worker/version.ts';
import type { VerbContext } from '../verb-context.ts';
import { exposition, type Family, type Labels, type Sample } from './exposition.ts';
import { Histogram } from './histogram.ts';
import { Recipes } from './recipe-labels.ts';

/** What one client has seen since it was first asked. */
class Watched {
  readonly recipes = new Recipes();
  readonly durations = new Histogram(this.recipes);
  readonly queues = new Histogram(this.recipes);
  /** The place in the feed; null: not asked yet. */
  after: number | null = null;
  /** What is read is read once, however many ask at a time. */
  reading: Promise<void> = Promise.resolve();
}

const watched = new WeakMap<VerbContext, Watched>();

/** The metrics of the store, in the text format of Prometheus. It only looks: no outcome counts as seen, nothing is cleaned up. */
export async function metrics(context: VerbContext): Promise<string> {
  const seen = watched.get(context) ?? new Watched();
  watched.set(context, seen);
  if (!context.exists) return exposition(families(NOTHING, seen));
  await context.due({ dropNothing: true });
  const measured = await context.run('measure', {});
  for (const { recipe } of measured.totals) seen.recipes.end(recipe);
  const reading = seen.reading.then(() => read(context, seen));
  seen.reading = reading.catch(() => {}); // told to who asked
  await reading;
  return exposition(families(measured, seen));
}

/** What has happened since it was asked before. */
async function read(context: VerbContext, seen: Watched): Promise<void> {
  for (let more = true; more; ) {
    const times = await context.run('measureTimes', { after: seen.after });
    for (const { recipe, ms } of times.durations) seen.durations.add(recipe, ms);
    for (const { recipe, ms } of times.queues) seen.queues.add(recipe, ms);
    seen.after = times.next;
    more = times.more;
  }
}

const NOTHING: Measured = {
  tasks: { pending: 0, running: 0, input_required: 0, completed: 0, failed: 0, cancelled: 0, abandoned: 0 },
  workers: 0,
  oldestPendingAt: null,
  totals: [],
  lags: [],
  deliveries: [],
  schedules: [],
  now: 0,
};

function families(of: Measured, seen: Watched): Family[] {
  const { abandoned: _, ...tasks } = of.tasks;
  const waited = of.oldestPendingAt === null ? 0 : Math.max(0, of.now - of.oldestPendingAt) / 1000;
  return [
    gauge('tasks', 'Tasks that are there, by status.', perKey('status', tasks)),
    gauge('workers', 'Workers that live.', [{ value: of.workers }]),
    gauge('oldest_pending_seconds', 'How long the task has waited that has waited longest; 0: none waits.', [
      { value: waited },
    ]),
    gauge('deliveries', 'Messages to channels that are kept, by state.', byState(of.deliveries)),
    gauge('schedules', 'Schedules, by state.', byState(of.schedules)),
    gauge(
      'consumer_lag',
      'Events of the feed that a consumer has not taken yet.',
      of.lags.map(({ name, lag }) => ({ labels: { consumer: name }, value: lag })),
    ),
    gauge('build_info', 'Which version tells this.', [{ labels: { version: packageVersion() }, value: 1 }]),
    {
      name: 'offstage_tasks_ended_total',
      type: 'counter',
      help: 'Tasks that have ended, however many of them are still there.',
      samples: ended(of, seen.recipes),
    },
    {
      name: 'offstage_abandoned_total',
      type: 'counter',
      help: 'Attempts that were given up without knowing whether their work has ended.',
      samples: [{ value: sumOf(of.totals.filter(({ outcome }) => outcome === 'abandoned')) }],
    },
    histogram('attempt_duration_seconds', 'How long attempts ran, since this was first asked.', seen.durations),
    histogram('queue_seconds', 'How long attempts waited to start, since this was first asked.', seen.queues),
  ];
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name: `offstage_${name}`,
  type: 'gauge',
  help,
  samples,
});

const histogram = (name: string, help: string, of: Histogram): Family => ({
  name: `offstage_${name}`,
  type: 'histogram',
  help,
  samples: of.samples(),
});

const byState = (all: Measured['schedules']): Sample[] => all.map(({ state, n }) => ({ labels: { state }, value: n }));

const perKey = (label: string, values: Readonly<Record<string, number>>): Sample[] =>
  Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));

const sumOf = (all: readonly { n: number }[]): number => all.reduce((sum, { n }) => sum + n, 0);

/** Recipes that share a label are counted together. */
function ended({ totals }: Measured, recipes: Recipes): Sample[] {
  const samples = new Map<string, { labels: Labels; value: number }>();
  for (const { recipe, outcome, code, n } of totals.filter((one) => one.outcome !== 'abandoned')) {
    const labels = { recipe: recipes.labelOf(recipe), outcome, code };
    const key = JSON.stringify(labels);
    const known = samples.get(key) ?? { labels, value: 0 };
    samples.set(key, { labels, value: known.value + n });
  }
  return [...samples.values()];
}
