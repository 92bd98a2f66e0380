/** Judges what was measured against the gates of a row. */

/**
 * One verdict a gate: `ok` is undefined when offstage, or the peer that sets the limit, was not measured.
 *
 * A gate has `limit(at)`, the most that is allowed, or `least(at)`; `at(line, id)` is the median of a peer.
 */
export function judge(row, figures) {
  const at = (key, id) => figures.get(key)?.get(id)?.median ?? Number.NaN;
  return row.gates.map(({ line, says, limit, least }) => {
    const value = at(line, 'offstage');
    const bound = (limit ?? least)(at);
    const known = Number.isFinite(value) && Number.isFinite(bound);
    const sign = limit === undefined ? '≥' : '≤';
    return { line, says, value, limit: bound, sign, ok: known ? keeps(value, sign, bound) : undefined };
  });
}

const keeps = (value, sign, bound) => (sign === '≤' ? value <= bound : value >= bound);
