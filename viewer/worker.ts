// The page's worker: fetches, decompresses, decodes and packs.
import { decompress } from 'fzstd';
import { decodeDensity } from '../src/overlay/density.js';
import { decodeOutlines, decodePoints } from '../src/overlay/leaf.js';
import { refusalOf } from './data/refusal.js';
import { packOutlines, packPoints } from './data/pack.js';
import type { Answer, Request, Results } from './data/tasks.js';
import { valuesOf } from './data/values.js';
import { lineOf } from './format.js';

const scope = self as unknown as {
  onmessage: (event: MessageEvent<Request>) => void;
  postMessage(answer: Answer, transfer: Transferable[]): void;
};

scope.onmessage = ({ data }) => {
  void work(data).then(
    (result) => scope.postMessage({ id: data.id, result }, buffersOf(result)),
    (error: unknown) => scope.postMessage({ id: data.id, error: lineOf(error) }, []),
  );
};

async function work(request: Request): Promise<Results[keyof Results]> {
  switch (request.kind) {
    case 'points':
      return packPoints(decodePoints(await block(request.address)), request.side);
    case 'outlines':
      return packOutlines(decodeOutlines(await block(request.address)), request.points);
    case 'density':
      return decodeDensity(await block(request.address)).counts;
    case 'values':
      return valuesOf(request);
  }
}

async function block(address: string): Promise<Uint8Array> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(await refusalOf(response));
  return decompress(new Uint8Array(await response.arrayBuffer()));
}

function buffersOf(result: Results[keyof Results]): Transferable[] {
  const arrays = ArrayBuffer.isView(result) ? [result] : Object.values(result);
  return arrays.flatMap((array) => (ArrayBuffer.isView(array) ? [array.buffer as ArrayBuffer] : []));
}
