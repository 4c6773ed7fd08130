/**
 * Compares two tensors: undefined if every element satisfies |ours − theirs| ≤ atol + rtol·|theirs| (NaN equals NaN), else
 * one line about the worst element.
 */
export function difference({ what, ours, theirs }, { rtol, atol }) {
  if (!ours) return `${what}: ours is missing`;
  if (`${ours.shape}` !== `${theirs.shape}`) return `${what}: our shape is [${ours.shape}], theirs [${theirs.shape}]`;
  const [a, b] = [ours.data(), theirs.data()];
  let worst = -1;
  let worstExcess = 1;
  for (let i = 0; i < b.length; i++) {
    const excess = Object.is(a[i], b[i]) ? 0 : Math.abs(a[i] - b[i]) / (atol + rtol * Math.abs(b[i]));
    if (a[i] === b[i] || excess <= worstExcess) continue;
    worst = i;
    worstExcess = Number.isNaN(excess) ? Infinity : excess;
  }
  if (worst < 0) return undefined;
  const place = `[${position(worst, theirs.shape)}]`;
  return `${what}${place}: ours ${a[worst]}, theirs ${b[worst]} (${worstExcess.toPrecision(3)} × the tolerance)`;
}

function position(index, shape) {
  const place = [];
  for (const length of shape.toReversed()) {
    place.unshift(index % length);
    index = Math.floor(index / length);
  }
  return place;
}
