import { Tensor, zeros } from '@gradwire/tensor';
import type { Module } from './module.ts';

interface Row {
  readonly name: string;
  readonly type: string;
  readonly shape: string;
  readonly parameters: string;
}

/** The layers of a model as a text table; runs the model once on zeros if the shape of an input is given. */
export function summarize(model: Module, inputShape?: readonly number[]): string {
  const layers = model.namedModules().filter(([, module]) => module.namedChildren().length === 0);
  const shapes = inputShape
    ? traceShapes(
        model,
        layers.map(([, module]) => module),
        inputShape,
      )
    : new Map<Module, string>();
  const rows: Row[] = layers.map(([name, module]) => ({
    name: name || '(model)',
    type: module.constructor.name,
    shape: shapes.get(module) ?? '',
    parameters: count(module.parameters()).toLocaleString('en-US'),
  }));
  const all = model.parameters();
  const total = count(all);
  const trained = count(all.filter(({ requiresGrad }) => requiresGrad));
  const size = (total * 4) / 2 ** 20;
  return `${table(rows)}\n${total.toLocaleString('en-US')} parameters, ${trained.toLocaleString('en-US')} trained, ${size.toFixed(2)} MiB`;
}

/** Output shapes of the layers in one forward pass. */
function traceShapes(model: Module, layers: readonly Module[], inputShape: readonly number[]): Map<Module, string> {
  const shapes = new Map<Module, string>();
  const handles = [...new Set(layers)].map((layer) =>
    layer.registerForwardHook((_, __, output) => {
      if (output instanceof Tensor) shapes.set(layer, `[${output.shape.join(', ')}]`);
    }),
  );
  try {
    (model as Module & { forward(x: Tensor): unknown }).forward(zeros(inputShape));
  } finally {
    for (const handle of handles) handle.remove();
  }
  return shapes;
}

function count(parameters: readonly Tensor[]): number {
  return parameters.reduce((sum, { size }) => sum + size, 0);
}

function table(rows: readonly Row[]): string {
  const header: Row = { name: 'layer', type: 'type', shape: 'output shape', parameters: 'parameters' };
  const columns = ['name', 'type', 'shape', 'parameters'] as const;
  const widths = columns.map((column) => Math.max(...[header, ...rows].map((row) => row[column].length)));
  const line = (row: Row): string =>
    columns.map((c, i) => (c === 'parameters' ? row[c].padStart(widths[i]) : row[c].padEnd(widths[i]))).join('  ');
  return [line(header), widths.map((width) => '─'.repeat(width)).join('──'), ...rows.map(line)].join('\n');
}
