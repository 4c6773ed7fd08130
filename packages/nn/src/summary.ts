/** The layers of a model as a text table. */
import type { Tensor } from '@gradwire/tensor';
import { traceForward, type SummaryInput, type Trace } from './forward-trace.ts';
import type { Module } from './module.ts';

/** With an input, runs the model on it once. */
export function summarize(model: Module, input?: SummaryInput | readonly SummaryInput[]): string {
  const own = ownParameters(model);
  const all = new Map<Module, string>();
  for (const [path, module] of model.namedModules()) if (!all.has(module)) all.set(module, path);
  const traces = input === undefined ? null : traceForward(model, [...all.keys()], input);
  const rows = [...all].filter(([module, path]) => {
    const isLeaf = module.namedChildren().length === 0;
    return isLeaf || own.has(path) || (traces?.get(module)?.flops ?? 0) > 0;
  });
  const cells = rows.map(([module, path]) => [
    path || '(model)',
    module.constructor.name,
    traces?.get(module)?.shapes.join(' ') ?? '',
    show(own.get(path) ?? 0),
    ...(traces ? traced(traces.get(module)) : []),
  ]);
  const header = ['layer', 'type', 'output shape', 'parameters', ...(traces ? ['FLOPs', 'output bytes'] : [])];
  return [...table([header, ...cells]), parametersLine(model), ...(traces ? [tracesLine(rows, traces)] : [])].join(
    '\n',
  );
}

/** The number of parameters of each module alone, by path; shared ones count where they appear first. */
function ownParameters(model: Module): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [key, { size }] of model.namedParameters()) {
    const path = key.slice(0, Math.max(0, key.lastIndexOf('.')));
    counts.set(path, (counts.get(path) ?? 0) + size);
  }
  return counts;
}

function traced(trace: Trace | undefined): string[] {
  return trace ? [show(trace.flops), show(trace.bytes)] : ['', ''];
}

function parametersLine(model: Module): string {
  const all = model.parameters();
  const trained = all.filter(({ requiresGrad }) => requiresGrad);
  const bytes = all.reduce((sum, { nbytes }) => sum + nbytes, 0);
  return `${show(count(all))} parameters, ${show(count(trained))} trained, ${mebibytes(bytes)}`;
}

function tracesLine(rows: readonly (readonly [Module, string])[], traces: ReadonlyMap<Module, Trace>): string {
  const of = rows.flatMap(([module]) => traces.get(module) ?? []);
  const flops = of.reduce((sum, trace) => sum + trace.flops, 0);
  const bytes = of.reduce((sum, trace) => sum + trace.bytes, 0);
  return `${show(flops)} FLOPs (a multiply-add counts as 2; biases, activations and pooling are left out), outputs ${mebibytes(bytes)}`;
}

function count(parameters: readonly Tensor[]): number {
  return parameters.reduce((sum, { size }) => sum + size, 0);
}

function show(n: number): string {
  return n.toLocaleString('en-US');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}

/** Three columns of text, then numbers; a line under the header. */
function table(lines: readonly (readonly string[])[]): string[] {
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  const [header, ...rows] = lines.map((line) =>
    line.map((cell, i) => (i < 3 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
  return [header, widths.map((width) => '─'.repeat(width)).join('──'), ...rows];
}
