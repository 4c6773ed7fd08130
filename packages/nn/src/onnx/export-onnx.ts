import { GradwireError, step, type Tensor } from '@gradwire/tensor';
import { inEvaluation } from '../in-evaluation.ts';
import type { Module } from '../module.ts';
import { Call } from './call.ts';
import { constantNode, stateInitializer } from './constants.ts';
import { GraphBuilder } from './graph-builder.ts';
import { modelProto, type ModelGraph, type ValueInfo } from './model-proto.ts';
import { toBytes } from './protobuf.ts';
import { runOnce, tensorsIn, withTensors, type Run } from './run.ts';
import { otherInput, placesOf, sizesOfRuns, type AxisPlaces, type DynamicAxes } from './sample-inputs.ts';
import { showSize, type AxisSizes } from './sizes.ts';
import { at, mergeRuns, type GraphValue, type TracedGraph } from './traced-graph.ts';
import { translations } from './translations.ts';

export interface OnnxOptions {
  /** Of the input tensors in their order; "input", or "input0", "input1" … for several. */
  readonly inputNames?: readonly string[];
  /** Of the output tensors in their order; "output", or "output0", "output1" … for several. */
  readonly outputNames?: readonly string[];
  /** Axes whose sizes each call of the file may choose, by input and dimension: { input: { 0: 'batch' } }. */
  readonly dynamicAxes?: DynamicAxes;
  /** Texts that the file carries along. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const OPSET = 17;
const LARGEST = 2 ** 31 - 1; // bytes of a protocol-buffer message

/**
 * The model as the bytes of an ONNX file (opset 17) that computes forward(...args) in evaluation. The tensors in `args`,
 * also inside of lists and objects, are its inputs, everything else is fixed; the tensors that forward returns are its
 * outputs. Parameters and buffers have their state-dict keys.
 *
 * Forward is run several times, with `args` and with other values and sizes like them, to find out what depends on the
 * inputs and their named axes; so `args` should not be all zeros. The model is left as it was.
 * Throws GradwireError ERR_ONNX, with the path of the layer, for an operation that is not exported, a value that depends on
 * the inputs in a way the file cannot express, and files beyond 2 GB.
 */
export function exportOnnx(model: Module, args: readonly unknown[], options: OnnxOptions = {}): Uint8Array {
  const inputs = [...new Set(tensorsIn(args))];
  const inputNames = named('input', inputs.length, options.inputNames);
  const places = placesOf(options.dynamicAxes ?? {}, inputNames, inputs);
  const { near, far } = sizesOfRuns(places, inputNames, inputs);
  const axesOf = (x: Tensor) => options.dynamicAxes?.[inputNames[inputs.indexOf(x)]] ?? {};
  const traced = inEvaluation(model, () => {
    const again = (sizes: AxisSizes): Run => runAgain(model, args, inputs, axesOf, sizes);
    const runs = [runOnce(model, args, inputs, isTranslated), ...near.slice(1).map(again)];
    const farRun = far && ifItRuns(() => again(far));
    return farRun ? mergeRuns([...runs, farRun], [...near, far]) : mergeRuns(runs, near);
  });
  const outputNames = named('output', traced.outputs.length, options.outputNames);
  const graph = translate(model, traced, inputNames, outputNames, places);
  const encoded = modelProto(graph, OPSET, options.metadata ?? {});
  if (encoded.size > LARGEST) {
    throw new GradwireError(
      'ERR_ONNX',
      `exportOnnx: the file would have ${encoded.size} bytes, more than its format can: 2 GB`,
    );
  }
  return toBytes(encoded);
}

const isTranslated = (name: string): boolean => Object.hasOwn(translations, name);

function named(kind: string, count: number, given?: readonly string[]): readonly string[] {
  const names = given ?? Array.from({ length: count }, (_, i) => (count === 1 ? kind : `${kind}${i}`));
  if (names.length === count && new Set(names).size === count) return names;
  throw new GradwireError(
    'ERR_ONNX',
    `exportOnnx: ${kind}Names must be ${count} different names, one for each ${kind} tensor, got ${JSON.stringify(names)}`,
  );
}

function runAgain(
  model: Module,
  args: readonly unknown[],
  inputs: readonly Tensor[],
  axesOf: (x: Tensor) => Readonly<Record<number, string>>,
  sizes: AxisSizes,
): Run {
  return step(() => {
    const others = new Map(inputs.map((x) => [x, otherInput(x, axesOf(x), sizes)]));
    const replaced = args.map((arg) => withTensors(arg, (x) => others.get(x)!));
    try {
      return runOnce(model, replaced, [...others.values()], isTranslated);
    } catch (cause) {
      if (!(cause instanceof GradwireError) || cause.code === 'ERR_ONNX') throw cause;
      throw new GradwireError(
        'ERR_ONNX',
        `exportOnnx: forward runs with the given inputs, but not with others like them, so it reads their values or sizes: ${cause.message}`,
        { cause },
      );
    }
  });
}

/** A model may have an upper limit. */
function ifItRuns(run: () => Run): Run | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof GradwireError) return null;
    throw error;
  }
}

function translate(
  model: Module,
  { inputs, operations, outputs, axisSizes }: TracedGraph,
  inputNames: readonly string[],
  outputNames: readonly string[],
  places: AxisPlaces,
): ModelGraph {
  const graph = new GraphBuilder(places, [...inputNames, ...outputNames]);
  const state = new Map<string, Tensor>([...model.namedBuffers(), ...model.namedParameters()]);
  const names = new Map<GraphValue, string>(inputs.map((input, i) => [input, inputNames[i]]));
  const nameOf = (value: GraphValue, path: string): string => {
    const made = (): string =>
      value.key === null ? constantNode(graph, value, path) : stateInitializer(graph, value.key, state.get(value.key)!);
    const name = names.get(value) ?? made();
    names.set(value, name);
    return name;
  };
  for (const operation of operations) {
    graph.path = operation.path;
    if (!isTranslated(operation.name)) {
      throw new GradwireError(
        'ERR_ONNX',
        `${at(operation.path)}${operation.name} is not among the operations that are exported`,
      );
    }
    const given = operation.inputs.map((input) => input && nameOf(input, operation.path));
    const results = [translations[operation.name](new Call(operation, given, axisSizes), graph)].flat();
    operation.outputs.forEach((output, i) => names.set(output, results[i]));
  }
  graph.path = '';
  outputs.forEach((output, i) => graph.output(nameOf(output, ''), outputNames[i]));
  const read = new Set(graph.nodes.flatMap((node) => node.inputs));
  return {
    name: model.constructor.name,
    nodes: graph.nodes,
    initializers: [...graph.initializers.values()].filter(({ name }) => read.has(name)),
    inputs: inputs.map((value, i) => info(inputNames[i], value)),
    outputs: outputs.map((value, i) => info(outputNames[i], value)),
  };
}

function info(name: string, { dtype, shape }: GraphValue): ValueInfo {
  return {
    name,
    type: dtype,
    shape: shape.map((size, d) => (typeof size === 'number' ? size : size === null ? `${name}_${d}` : showSize(size))),
  };
}
