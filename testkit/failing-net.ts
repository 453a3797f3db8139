import { readFileSync, writeFileSync } from 'node:fs';
import { withMore, type Constant, type Node } from './onnx.js';
import { stubModel } from './stub.js';

export interface Failure {
  /** What ONNX Runtime has to complain of; a node has it for its name, which stands in ONNX Runtime's message. */
  readonly says: string;
  /** The run of a session that fails; the first one is that of the check when it is opened. */
  readonly atRun: keyof typeof firstAbove;
  /** Only larger batches fail. */
  readonly aboveBatch?: number;
}

/** Which run of a session is the first to draw a number above which: with seed 3 it draws .00 .40 .27 .38 .60 .66 .14 .04 .04 .80. */
const firstAbove = { 5: 0.5, 6: 0.63, 10: 0.7 };

/**
 * Writes the stub net with a fault: one run of each session fails, as if the device had. It comes without mocks: a node
 * looks for an element that is not there, if a random number, of which every run of a session draws the next one from a
 * fixed seed, is large.
 */
export function writeFailingNet(path: string, { says, atRun, aboveBatch = 0 }: Failure): string {
  const nodes: Node[] = [
    { type: 'RandomUniform', inputs: [], output: 'drawn', floats: { seed: 3 }, integers: { shape: [1] } },
    { type: 'Greater', inputs: ['drawn', 'limit'], output: 'its_turn' },
    { type: 'Shape', inputs: ['image'], output: 'shape' },
    { type: 'Gather', inputs: ['shape', 'zero'], output: 'batch' },
    { type: 'Greater', inputs: ['batch', 'fitting'], output: 'too_large' },
    { type: 'And', inputs: ['its_turn', 'too_large'], output: 'fails' },
    { type: 'Cast', inputs: ['fails'], output: 'element', integers: { to: 7 } },
    { type: 'Gather', name: says, inputs: ['one_element', 'element'], output: 'nothing' },
  ];
  const constants: Constant[] = [
    { name: 'limit', type: 'float', shape: [], values: [firstAbove[atRun]] },
    { name: 'zero', type: 'int64', shape: [], values: [0] },
    { name: 'fitting', type: 'int64', shape: [], values: [aboveBatch] },
    { name: 'one_element', type: 'float', shape: [1], values: [1] },
  ];
  writeFileSync(path, withMore(readFileSync(stubModel), nodes, constants));
  return path;
}
