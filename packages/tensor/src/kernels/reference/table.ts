/** Every kernel by name, in plain TypeScript: the oracle of the compiled kernels, and the backend of other dtypes. */
import * as argsort from './argsort.ts';
import * as attention from './attention.ts';
import * as conv from './conv.ts';
import * as crossEntropy from './cross-entropy.ts';
import * as dropout from './dropout.ts';
import * as elementwise from './elementwise.ts';
import * as embedding from './embedding.ts';
import * as gather from './gather.ts';
import * as gemm from './gemm.ts';
import * as loss from './loss.ts';
import * as norm from './norm.ts';
import * as optim from './optim.ts';
import * as pool from './pool.ts';
import * as product from './product.ts';
import * as recurrent from './recurrent.ts';
import * as reduce from './reduce.ts';
import { rotary } from './rotary.ts';
import * as softmax from './softmax.ts';
import { squareSums } from './square-sums.ts';

export const referenceKernels = {
  ...attention,
  ...elementwise,
  ...reduce,
  ...softmax,
  ...embedding,
  ...product,
  ...argsort,
  ...recurrent,
  ...dropout,
  ...gather,
  ...loss,
  ...crossEntropy,
  ...norm,
  ...optim,
  ...gemm,
  ...conv,
  ...pool,
  rotary,
  squareSums,
};
