import type { OpCalls } from './op-calls/call.ts';
import { elementwiseCalls } from './op-calls/elementwise.ts';
import { movementCalls } from './op-calls/movement.ts';
import { networkCalls } from './op-calls/networks.ts';
import { productCalls } from './op-calls/products.ts';
import { reductionCalls } from './op-calls/reductions.ts';
import { windowCalls } from './op-calls/windows.ts';

/** Random calls of every operation; op-properties.test.ts finds the ones that are missing. */
export const opCalls: OpCalls = {
  ...elementwiseCalls,
  ...movementCalls,
  ...networkCalls,
  ...productCalls,
  ...reductionCalls,
  ...windowCalls,
};
