/** One time step of an LSTM or GRU for a batch; the words are those of assembly/lstm.ts and assembly/gru.ts. */
import type { ReferenceKernel } from './heap-view.ts';

const sigma = (x: number): number => 1 / (1 + Math.exp(-x));

export const lstmCell: ReferenceKernel = ({ x, shift, u32 }, p) => {
  const word = (i: number): number => u32[(p >>> 2) + i];
  const [gates, state, cell, hidden] = [0, 1, 2, 3].map((i) => word(i) >>> shift);
  const [batch, size] = [word(4), word(5)];
  for (let at = 0; at < batch * size; at++) {
    const first = gates + at + 3 * size * Math.floor(at / size);
    const i = (x[first] = sigma(x[first]));
    const f = (x[first + size] = sigma(x[first + size]));
    const g = (x[first + 2 * size] = Math.tanh(x[first + 2 * size]));
    const o = (x[first + 3 * size] = sigma(x[first + 3 * size]));
    const c = f * x[state + at] + i * g;
    x[state + at] = x[cell + at] = c;
    x[hidden + at] = o * Math.tanh(c);
  }
};

export const lstmCellGrad: ReferenceKernel = ({ x, shift, u32 }, p) => {
  const word = (i: number): number => u32[(p >>> 2) + i];
  const [gradGates, gates, before, cell, gradHidden, gradCell] = [0, 1, 2, 3, 4, 5].map((i) => word(i) >>> shift);
  const [batch, size] = [word(6), word(7)];
  for (let at = 0; at < batch * size; at++) {
    const first = at + 3 * size * Math.floor(at / size);
    const [i, f, g, o] = [0, 1, 2, 3].map((gate) => x[gates + first + gate * size]);
    const th = Math.tanh(x[cell + at]);
    const dh = x[gradHidden + at];
    const dc = x[gradCell + at] + dh * o * (1 - th * th);
    x[gradGates + first] = dc * g * i * (1 - i);
    x[gradGates + first + size] = dc * x[before + at] * f * (1 - f);
    x[gradGates + first + 2 * size] = dc * i * (1 - g * g);
    x[gradGates + first + 3 * size] = dh * th * o * (1 - o);
    x[gradCell + at] = dc * f;
  }
};

export const gruCell: ReferenceKernel = ({ x, shift, u32 }, p) => {
  const word = (i: number): number => u32[(p >>> 2) + i];
  const [gates, recurrent, candidate, state, hidden] = [0, 1, 2, 3, 4].map((i) => word(i) >>> shift);
  const [batch, size] = [word(5), word(6)];
  for (let at = 0; at < batch * size; at++) {
    const first = at + 2 * size * Math.floor(at / size);
    const r = sigma(x[gates + first] + x[recurrent + first]);
    const z = sigma(x[gates + first + size] + x[recurrent + first + size]);
    const inner = x[recurrent + first + 2 * size];
    const n = Math.tanh(x[gates + first + 2 * size] + r * inner);
    x[gates + first] = r;
    x[gates + first + size] = z;
    x[gates + first + 2 * size] = n;
    x[candidate + at] = inner;
    x[hidden + at] = n + z * (x[state + at] - n);
  }
};

export const gruCellGrad: ReferenceKernel = ({ x, shift, u32 }, p) => {
  const word = (i: number): number => u32[(p >>> 2) + i];
  const addresses = [0, 1, 2, 3, 4, 5].map((i) => word(i) >>> shift);
  const [gradGates, gradRecurrent, gates, candidate, before, gradHidden] = addresses;
  const [batch, size] = [word(6), word(7)];
  for (let at = 0; at < batch * size; at++) {
    const first = at + 2 * size * Math.floor(at / size);
    const [r, z, n] = [0, 1, 2].map((gate) => x[gates + first + gate * size]);
    const dh = x[gradHidden + at];
    const dn = dh * (1 - z) * (1 - n * n);
    const dz = dh * (x[before + at] - n) * z * (1 - z);
    const dr = dn * x[candidate + at] * r * (1 - r);
    x[gradGates + first] = x[gradRecurrent + first] = dr;
    x[gradGates + first + size] = x[gradRecurrent + first + size] = dz;
    x[gradGates + first + 2 * size] = dn;
    x[gradRecurrent + first + 2 * size] = dn * r;
    x[gradHidden + at] = dh * z;
  }
};
