import { PbfReader, PbfWriter } from 'pbf';
import { HoverslideError } from '../errors.js';

/** What an ONNX file states about itself, besides the graph that ONNX Runtime reads. */
export interface OnnxFile {
  readonly metadata: ReadonlyMap<string, string>;
  /** Other files that hold its weights. */
  readonly weightFiles: ReadonlySet<string>;
}

/**
 * Reads an ONNX file. Field numbers are those of github.com/onnx/onnx/blob/main/onnx/onnx.proto.
 * @throws HoverslideError `model` if the file is not an ONNX model
 */
export function readOnnxFile(path: string, onnx: Uint8Array): OnnxFile {
  const metadata = new Map<string, string>();
  const weightFiles = new Set<string>();
  try {
    const reader = new PbfReader(onnx);
    reader.readFields((field, _, model) => {
      if (field === 7) readGraph(model, weightFiles);
      if (field === 14) metadata.set(...readEntry(model)); // metadata_props
    }, undefined);
    if (reader.pos !== onnx.length) throw new RangeError(`${onnx.length} bytes of ${reader.pos}`);
  } catch (error) {
    throw new HoverslideError(
      'model',
      `${path}: expected an ONNX model, found something else or a truncated file`,
      { cause: error },
    );
  }
  return { metadata, weightFiles };
}

/**
 * Returns an ONNX file with one entry of its metadata set, after all others, and every other byte as it is.
 * @param onnx a file that readOnnxFile accepts
 */
export function withMetadata(onnx: Uint8Array, key: string, value: string): Uint8Array {
  const kept: Uint8Array[] = [];
  const reader = new PbfReader(onnx);
  for (let begin = 0; begin < onnx.length; begin = reader.pos) {
    const tag = reader.readVarint();
    const isEntry = tag >> 3 === 14; // metadata_props
    if (!isEntry || readEntry(reader)[0] !== key) {
      if (!isEntry) reader.skip(tag);
      kept.push(onnx.subarray(begin, reader.pos));
    }
  }
  const entry = new PbfWriter();
  entry.writeStringField(1, key);
  entry.writeStringField(2, value);
  const added = new PbfWriter();
  added.writeBytesField(14, entry.finish());
  return Buffer.concat([...kept, added.finish()]);
}

/** Reads a GraphProto: finds the initializers (5) with external_data (13) and collects their `location`. */
function readGraph(model: PbfReader, weightFiles: Set<string>): void {
  model.readMessage((field, _, graph) => {
    if (field !== 5) return;
    graph.readMessage((of, __, tensor) => {
      if (of !== 13) return;
      const [key, value] = readEntry(tensor);
      if (key === 'location') weightFiles.add(value);
    }, undefined);
  }, undefined);
}

/** Reads a StringStringEntryProto. */
function readEntry(pbf: PbfReader): [key: string, value: string] {
  return pbf.readMessage<[string, string]>(
    (field, entry, from) => {
      if (field === 1) entry[0] = from.readString();
      if (field === 2) entry[1] = from.readString();
    },
    ['', ''],
  );
}
