/** A table of examples per second, a row a workload and a column a system, with Gradwire's ratio to each peer. */
export function ratioTable(results) {
  const systems = [...new Set(results.map(({ system }) => system))];
  const workloads = [...new Set(results.map(({ workload }) => workload))];
  const rows = workloads.map((workload) => {
    const speeds = systems.map((system) => speedOf(results, system, workload));
    return [workload, ...speeds.map((speed, i) => cell(speed, i === 0 ? undefined : speeds[0] / speed))];
  });
  return layOut([['examples per second (Gradwire ÷ peer)', ...systems], ...rows]);
}

/** undefined where the system cannot train the workload. */
function speedOf(results, system, workload) {
  const { batch, ms } = results.find((result) => result.system === system && result.workload === workload);
  return ms === undefined ? undefined : (batch / ms) * 1000;
}

function cell(speed, ratio) {
  if (speed === undefined) return 'cannot train';
  const number = Math.round(speed).toLocaleString('en');
  return ratio === undefined ? number : `${number} (${ratio.toFixed(2)}×)`;
}

function layOut(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((text, i) => text.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
