import { PbfWriter } from 'pbf';

/** Element types of ONNX's TensorProto.DataType. */
const elementTypes = { float: 1, uint8: 2, int64: 7 } as const;
type ElementType = keyof typeof elementTypes;

export interface Value {
  readonly name: string;
  readonly type: ElementType;
  /** Sizes; a word stands for a size that is left open. */
  readonly shape: readonly (number | string)[];
}
export interface Node {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly name?: string;
  readonly integers?: Readonly<Record<string, number | readonly number[]>>;
  readonly floats?: Readonly<Record<string, number>>;
}
export type Constant = Value & {
  readonly values: readonly number[];
  /** Name of the file that holds the values instead. */
  readonly file?: string;
};
export interface OnnxModel {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly constants: readonly Constant[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Returns an ONNX file (opset 17), by the field numbers of github.com/onnx/onnx/blob/main/onnx/onnx.proto. */
export function onnxFile({ inputs, outputs, nodes, constants, metadata }: OnnxModel): Uint8Array {
  return message((model) => {
    model.writeVarintField(1, 8); // ir_version
    nested(model, 7, (graph) => {
      graph.writeStringField(2, 'test');
      writeWork(graph, nodes, constants);
      for (const value of inputs) nested(graph, 11, (pbf) => writeValue(pbf, value));
      for (const value of outputs) nested(graph, 12, (pbf) => writeValue(pbf, value));
    });
    nested(model, 8, (opset) => opset.writeVarintField(2, 17));
    for (const [key, value] of Object.entries(metadata)) {
      nested(model, 14, (entry) => writeEntry(entry, key, value));
    }
  });
}

/**
 * Returns an ONNX file with more nodes in it. In Protocol Buffers' format, what is written behind a message is merged
 * into it.
 */
export function withMore(
  file: Uint8Array,
  nodes: readonly Node[],
  constants: readonly Constant[],
): Uint8Array {
  const more = message((model) => nested(model, 7, (graph) => writeWork(graph, nodes, constants)));
  return Buffer.concat([file, more]);
}

function writeWork(graph: PbfWriter, nodes: readonly Node[], constants: readonly Constant[]): void {
  for (const node of nodes) nested(graph, 1, (pbf) => writeNode(pbf, node));
  for (const constant of constants) nested(graph, 5, (pbf) => writeTensor(pbf, constant));
}

function message(fill: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter();
  fill(pbf);
  return pbf.finish();
}

function nested(pbf: PbfWriter, field: number, fill: (pbf: PbfWriter) => void): void {
  pbf.writeBytesField(field, message(fill));
}

function writeNode(pbf: PbfWriter, { type, inputs, output, name, integers = {}, floats = {} }: Node): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  pbf.writeStringField(2, output);
  if (name !== undefined) pbf.writeStringField(3, name);
  pbf.writeStringField(4, type);
  for (const [name, value] of Object.entries(integers)) {
    nested(pbf, 5, (attribute) => {
      attribute.writeStringField(1, name);
      if (typeof value === 'number') attribute.writeVarintField(3, value);
      else for (const element of value) attribute.writeVarintField(8, element);
      attribute.writeVarintField(20, typeof value === 'number' ? 2 : 7);
    });
  }
  for (const [name, value] of Object.entries(floats)) {
    nested(pbf, 5, (attribute) => {
      attribute.writeStringField(1, name);
      attribute.writeFloatField(2, value);
      attribute.writeVarintField(20, 1);
    });
  }
}

function writeTensor(pbf: PbfWriter, { name, type, shape, values, file }: Constant): void {
  for (const size of shape) pbf.writeVarintField(1, size as number);
  pbf.writeVarintField(2, elementTypes[type]);
  pbf.writeStringField(8, name);
  if (file !== undefined) {
    nested(pbf, 13, (entry) => writeEntry(entry, 'location', file));
    pbf.writeVarintField(14, 1); // data_location: external
  } else if (type === 'float') pbf.writePackedFloat(4, [...values]);
  else pbf.writePackedVarint(7, [...values]);
}

function writeEntry(pbf: PbfWriter, key: string, value: string): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeValue(pbf: PbfWriter, { name, type, shape }: Value): void {
  pbf.writeStringField(1, name);
  nested(pbf, 2, (valueType) =>
    nested(valueType, 1, (tensor) => {
      tensor.writeVarintField(1, elementTypes[type]);
      nested(tensor, 2, (dimensions) => {
        for (const size of shape) {
          nested(dimensions, 1, (dimension) =>
            typeof size === 'number'
              ? dimension.writeVarintField(1, size)
              : dimension.writeStringField(2, size),
          );
        }
      });
    }),
  );
}
