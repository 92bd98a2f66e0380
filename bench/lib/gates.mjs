/** Judges what was measured against the gates of a row. */

/**
 * One verdict a gate: `ok` is undefined when offstage, or the peer that sets the limit, was not measured.
 */
export function judge(row, figures) {
  const at = (key, id) => figures.get(key)?.get(id)?.median ?? Number.NaN;
  return row.gates.map(({ line, says, limit }) => {
    const value = at(line, 'offstage');
    const most = limit(at);
    const known = Number.isFinite(value) && Number.isFinite(most);
    return { line, says, value, limit: most, ok: known ? value <= most : undefined };
  });
}
