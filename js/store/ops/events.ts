/** What a task has told, and the results of its finished steps. */
import type { StoredEvent } from '../types.ts';
import type { Operation } from './operation.ts';

export const events: Operation<'events'> = {
  kind: 'read',
  run: ({ db }, { id, after, limit }) => {
    const task = db.get<{ seq: number; first_seq: number; over: number }>(
      'SELECT seq, first_seq, completed_at IS NOT NULL AND worker IS NULL AS over FROM tasks WHERE id = ?',
      id,
    );
    if (task === undefined) return null;
    const last = db.get<{ seq: number | null }>('SELECT max(seq) AS seq FROM events WHERE task = ?', task.seq);
    return {
      events: db.all<StoredEvent>(
        'SELECT seq, at, kind, data FROM events WHERE task = ? AND seq > ? ORDER BY seq LIMIT ? + 0',
        task.seq,
        after,
        limit,
      ),
      firstSeq: task.first_seq,
      lastSeq: last?.seq ?? 0,
      over: task.over === 1,
    };
  },
};

export const eventsOfAll: Operation<'eventsOfAll'> = {
  kind: 'read',
  run: (context, { of }) =>
    of.map(({ id, after }) => events.run(context, { id, after, limit: Number.MAX_SAFE_INTEGER })),
};

/** Within a task time never runs backwards, so that its events stay in the order of their `seq`. */
export const sessionEvents: Operation<'sessionEvents'> = {
  kind: 'read',
  run: ({ db }, { session, limit }) => {
    const sql = `SELECT t.id AS task, e.seq, e.at, e.kind, e.data FROM tasks t JOIN events e ON e.task = t.seq
      WHERE t.session_id = ? ORDER BY e.at DESC, t.seq DESC, e.seq DESC LIMIT ? + 0`;
    return db.all<StoredEvent & { task: string }>(sql, session, limit).reverse();
  },
};

export const cancellation: Operation<'cancellation'> = {
  kind: 'read',
  run: ({ db }, { id }) => {
    const sql = `SELECT e.data FROM events e JOIN tasks t ON t.seq = e.task WHERE t.id = ? AND e.kind = 'cancelled'
      ORDER BY e.seq DESC LIMIT 1`;
    return db.get<{ data: string }>(sql, id)?.data ?? null;
  },
};

export const step: Operation<'step'> = {
  kind: 'read',
  run: ({ db }, { id, key }) => {
    const sql = 'SELECT s.data, s.refs FROM steps s JOIN tasks t ON t.seq = s.task WHERE t.id = ? AND s.key = ?';
    const found = db.get<{ data: string; refs: string | null }>(sql, id, key);
    return found === undefined ? null : { ...found };
  },
};
