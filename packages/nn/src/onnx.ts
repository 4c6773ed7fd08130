export { exportOnnx, type OnnxOptions } from './onnx/export-onnx.ts';
export { type DynamicAxes } from './onnx/sample-inputs.ts';
