/** The messages of an ONNX file that a model for inference needs, with the field numbers of onnx.proto3. */
import { bytes, float, integer, integers, message, one, text, type Encoded } from './protobuf.ts';

/** Element types by the names of this package, and the one that ONNX has for sizes. */
export type ElementType = 'float32' | 'float64' | 'int32' | 'uint8' | 'bool' | 'int64';

/** TensorProto.DataType. */
export const ELEMENT_TYPES: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

/** A number is a fixed size, a text the name of one that each call may choose. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Little-endian elements in row-major order. */
  readonly data: Uint8Array;
}

/** Whole numbers are written as such; a fraction has to say { float }. */
export type Attribute = number | string | readonly number[] | readonly string[] | { readonly float: number };

export interface GraphNode {
  readonly name: string;
  readonly type: string;
  /** '' for an optional input that is not there. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface ModelGraph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

const IR_VERSION = 8; // that of opset 17

/** ModelProto. */
export function modelProto(graph: ModelGraph, opset: number, metadata: Readonly<Record<string, string>>): Encoded {
  return message(
    integer(1, IR_VERSION),
    text(2, 'gradwire'),
    bytes(7, graphProto(graph)),
    bytes(8, message(text(1, ''), integer(2, opset))),
    Object.entries(metadata).map(([key, value]) => bytes(14, message(text(1, key), text(2, value)))),
  );
}

function graphProto({ name, nodes, initializers, inputs, outputs }: ModelGraph): Encoded {
  return message(
    nodes.map((node) => bytes(1, nodeProto(node))),
    text(2, name),
    initializers.map((initializer) => bytes(5, tensorProto(initializer))),
    inputs.map((input) => bytes(11, valueInfoProto(input))),
    outputs.map((output) => bytes(12, valueInfoProto(output))),
  );
}

function nodeProto({ name, type, inputs, outputs, attributes }: GraphNode): Encoded {
  return message(
    inputs.map((input) => text(1, input)),
    outputs.map((output) => text(2, output)),
    text(3, name),
    text(4, type),
    Object.entries(attributes).map(([key, value]) => bytes(5, attributeProto(key, value))),
  );
}

const [FLOAT, INT, STRING, INTS, STRINGS] = [1, 2, 3, 7, 8]; // AttributeProto.AttributeType

function attributeProto(name: string, value: Attribute): Encoded {
  if (typeof value === 'number') return message(text(1, name), integer(3, value), integer(20, INT));
  if (typeof value === 'string') return message(text(1, name), text(4, value), integer(20, STRING));
  if ('float' in value) return message(text(1, name), float(2, value.float), integer(20, FLOAT));
  if (isTexts(value))
    return message(
      text(1, name),
      value.map((one) => text(9, one)),
      integer(20, STRINGS),
    );
  return message(text(1, name), integers(8, value), integer(20, INTS));
}

function isTexts(value: readonly number[] | readonly string[]): value is readonly string[] {
  return typeof value[0] === 'string';
}

function tensorProto({ name, type, shape, data }: Initializer): Encoded {
  return message(integers(1, shape), integer(2, ELEMENT_TYPES[type]), text(8, name), bytes(9, one(data)));
}

function valueInfoProto({ name, type, shape }: ValueInfo): Encoded {
  const dims = shape.map((size) => bytes(1, message(typeof size === 'number' ? integer(1, size) : text(2, size))));
  const tensor = message(integer(1, ELEMENT_TYPES[type]), bytes(2, message(dims)));
  return message(text(1, name), bytes(2, message(bytes(1, tensor))));
}
