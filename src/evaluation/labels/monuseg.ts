import { createReadStream } from 'node:fs';
import sax from 'sax';
import { errorLine, HoverslideError } from '../../errors.js';
import { unclassified } from '../classes.js';
import { type LabelledPolygon, polygonSource } from './polygons.js';
import type { LabelSource } from './source.js';

/**
 * Reads MoNuSeg's annotations: XML of Aperio ImageScope with one Region of Vertices (X, Y) per nucleus, without
 * classes.
 * @throws HoverslideError `missing` if it cannot be read, `input` if it is not such a file.
 */
export async function readMonuseg(file: string): Promise<LabelSource> {
  const polygons: LabelledPolygon[] = [];
  let ring: number[] = [];
  let root: string | undefined;
  const parser = sax.parser(true);
  parser.onerror = (error) => {
    throw error;
  };
  parser.onopentag = ({ name, attributes }) => {
    root ??= name;
    if (name === 'Region') ring = [];
    if (name === 'Vertex') ring.push(Number(attributes['X']), Number(attributes['Y']));
  };
  parser.onclosetag = (name) => {
    if (name !== 'Region' || ring.length === 0) return;
    if (!ring.every(Number.isFinite)) throw new Error('a Vertex without numbers X and Y');
    polygons.push({ rings: [Float64Array.from(ring)], classId: unclassified });
  };
  try {
    for await (const text of createReadStream(file, 'utf8')) parser.write(text as string);
    parser.close();
  } catch (error) {
    const kind = (error as NodeJS.ErrnoException).code === undefined ? 'input' : 'missing';
    throw new HoverslideError(kind, `${file}: expected MoNuSeg's XML; ${errorLine(error)}`);
  }
  if (root !== 'Annotations') {
    throw new HoverslideError(
      'input',
      `${file}: expected MoNuSeg's XML with the root Annotations; found ${root}`,
    );
  }
  return polygonSource(file, polygons, 'edges');
}
