import type { HeapView, ReferenceKernel } from './heap-view.ts';

/** Words and doubles of a normalisation's block; vectors may be missing. */
function readBlock(heap: HeapView, p: number) {
  const word = (index: number): number => heap.u32[(p >>> 2) + index]!;
  const real = (index: number): number => heap.f64[(p >>> 3) + 32 + index]!;
  const at = (index: number): number => word(index) >>> heap.shift;
  const element = (index: number, k: number, otherwise: number): number =>
    word(index) === 0 ? otherwise : heap.x[at(index) + k]!;
  const write = (index: number, k: number, value: number): void => {
    if (word(index) !== 0) heap.x[at(index) + k] = value;
  };
  return { word, real, at, element, write, moments: word(4) >>> 3 };
}

const sumOver = (indices: readonly number[], value: (i: number) => number): number =>
  indices.reduce((total, i) => total + value(i), 0);

/** Calls `visit` with each channel and its elements' indices; words as in assembly/batch-norm.ts. */
function forEachChannel(
  { word }: ReturnType<typeof readBlock>,
  visit: (c: number, elements: readonly number[]) => void,
): void {
  const [images, channels, inner] = [word(5), word(6), word(7)];
  for (let c = 0; c < channels; c++) {
    visit(
      c,
      Array.from({ length: images * inner }, (_, i) => {
        return (Math.floor(i / inner) * channels + c) * inner + (i % inner);
      }),
    );
  }
}

export const batchNorm: ReferenceKernel = (heap, p) => {
  const block = readBlock(heap, p);
  const { word, real, at, element, moments } = block;
  const [channels, phases] = [word(6), word(8)];
  forEachChannel(block, (c, elements) => {
    const value = (i: number): number => heap.x[at(0) + i]!;
    if (phases & 1) {
      const mean = sumOver(elements, value) / elements.length;
      heap.f64[moments + c] = mean;
      heap.f64[moments + channels + c] = sumOver(elements, (i) => (value(i) - mean) ** 2) / elements.length;
    }
    if (!(phases & 2)) return;
    const mean = heap.f64[moments + c]!;
    const scale = element(2, c, 1) / Math.sqrt(heap.f64[moments + channels + c]! + real(0));
    for (const i of elements) heap.x[at(1) + i] = (value(i) - mean) * scale + element(3, c, 0);
  });
};

export const batchNormGrad: ReferenceKernel = (heap, p) => {
  const block = readBlock(heap, p);
  const { word, real, at, element, write, moments } = block;
  const [channels, phases, sums] = [word(6), word(8), word(9) >>> 3];
  forEachChannel(block, (c, elements) => {
    const mean = heap.f64[moments + c]!;
    const inverse = 1 / Math.sqrt(heap.f64[moments + channels + c]! + real(0));
    const around = (i: number): number => heap.x[at(0) + i]! - mean;
    const grad = (i: number): number => heap.x[at(1) + i]!;
    if (phases & 1) {
      heap.f64[sums + c] = sumOver(elements, grad);
      heap.f64[sums + channels + c] = sumOver(elements, (i) => grad(i) * around(i));
      write(10, c, heap.f64[sums + channels + c]! * inverse);
      write(11, c, heap.f64[sums + c]!);
    }
    if (!(phases & 2)) return;
    const [plain, products] = [heap.f64[sums + c]! / real(1), heap.f64[sums + channels + c]! / real(1)];
    for (const i of elements) {
      const centred = grad(i) - plain - around(i) * inverse * inverse * products;
      heap.x[at(3) + i] = element(2, c, 1) * inverse * centred;
    }
  });
};

/** Calls `visit` with each row, its elements' indices, and the weight's index of each; words as in assembly/row-norm.ts. */
function forEachRow(
  { word }: ReturnType<typeof readBlock>,
  visit: (row: number, elements: readonly number[], weightOf: (i: number) => number) => void,
): void {
  const [rows, groups, parts, inner] = [word(5), word(6), word(7), word(8)];
  const n = parts * inner;
  for (let row = 0; row < rows; row++) {
    const elements = Array.from({ length: n }, (_, k) => row * n + k);
    visit(row, elements, (i) => (row % groups) * parts + Math.floor((i - row * n) / inner));
  }
}

export const rowNorm: ReferenceKernel = (heap, p) => {
  const block = readBlock(heap, p);
  const { word, real, at, element, moments } = block;
  forEachRow(block, (row, elements, weightOf) => {
    const value = (i: number): number => heap.x[at(0) + i]!;
    const mean = word(9) ? sumOver(elements, value) / elements.length : 0;
    const square = sumOver(elements, (i) => (value(i) - mean) ** 2) / elements.length;
    const inverse = 1 / Math.sqrt(square + real(0));
    heap.f64[moments + row] = mean;
    heap.f64[moments + word(5) + row] = inverse;
    for (const i of elements) {
      const unit = (value(i) - mean) * inverse;
      heap.x[at(1) + i] = unit * element(2, weightOf(i), 1) + element(3, weightOf(i), 0);
    }
  });
};

export const rowNormGrad: ReferenceKernel = (heap, p) => {
  const block = readBlock(heap, p);
  const { word, at, element, write, moments } = block;
  const [dweight, dbias] = [new Float64Array(word(6) * word(7)), new Float64Array(word(6) * word(7))];
  forEachRow(block, (row, elements, weightOf) => {
    const [mean, inverse] = [heap.f64[moments + row]!, heap.f64[moments + word(5) + row]!];
    const unit = (i: number): number => (heap.x[at(0) + i]! - mean) * inverse;
    const grad = (i: number): number => heap.x[at(1) + i]! * element(2, weightOf(i), 1);
    const plain = word(9) ? sumOver(elements, grad) / elements.length : 0;
    const products = sumOver(elements, (i) => grad(i) * unit(i)) / elements.length;
    for (const i of elements) {
      const k = weightOf(i);
      dweight[k]! += heap.x[at(1) + i]! * unit(i);
      dbias[k]! += heap.x[at(1) + i]!;
      write(3, i, inverse * (grad(i) - plain - unit(i) * products));
    }
  });
  dweight.forEach((value, k) => write(10, k, value));
  dbias.forEach((value, k) => write(11, k, value));
};
