import { readFileSync, writeFileSync } from 'node:fs';
import { withMore, type Constant, type Node } from './onnx.js';
import { stubModel } from './stub.js';

export interface Failure {
  /** Text of ONNX Runtime's complaint. A node is named so, and ONNX Runtime's message contains the node's name. */
  readonly says: string;
  /** The run of a session that fails. The first run is that of the check when the session is opened. */
  readonly atRun: keyof typeof firstAbove;
  /** Only batches larger than this fail. */
  readonly aboveBatch?: number;
}

/**
 * For a run of a session, the limit that its random number is the first to exceed. With seed 3 the numbers are .00 .40
 * .27 .38 .60 .66 .14 .04 .04 .80.
 */
const firstAbove = { 5: 0.5, 6: 0.63, 10: 0.7 };

/**
 * Writes the stub net with a fault: one run of each session fails, as if the device had failed. No mocks are needed.
 * Every run of a session draws the next random number from a fixed seed. If the number is large, a node looks for an
 * element that is not there.
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
