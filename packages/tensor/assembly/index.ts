// Every exported function but setScratch is a kernel: it takes the byte address of its argument block
// (src/kernels/block.ts) and has a twin of the same name in src/kernels/reference.
export * from './argsort';
export * from './batch-norm';
export * from './batch-norm-grad';
export * from './attention';
export * from './attention-grad';
export * from './binary';
export * from './compare';
export * from './conv';
export * from './copy';
export * from './embedding';
export * from './dropout';
export * from './gather';
export * from './gemm';
export * from './gru';
export * from './loss';
export * from './lstm';
export * from './optim';
export * from './pool';
export * from './product';
export * from './reduce';
export * from './rotary';
export * from './row-norm';
export * from './row-norm-grad';
export { setScratch } from './scratch';
export * from './softmax';
export { squareSums } from './square-sums';
export * from './unary';
