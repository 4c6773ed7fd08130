import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gradwire, isBuilt } from './gradwire-command.ts';
import { folderWithSmallTraining } from './small-training.ts';

describe.skipIf(!isBuilt)('gradwire export (needs npm run build)', () => {
  it.each([
    ['weights', {}, 'model.safetensors'],
    ['averaged weights', { ema: '{ decay: 0.5 }' }, 'averaged.safetensors'],
  ])('writes the network of a run with its last %s as an ONNX file', async (what, options, source) => {
    const folder = folderWithSmallTraining(64, options);
    await gradwire(folder, 'train', 'train.ts', '--epochs', '1', '--threads', '1', '--quiet');
    const { code, stdout, stderr } = await gradwire(folder, 'export', 'train.ts', 'runs/train', 'net.onnx');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^net\\.onnx: [\\d.,]+ \\w+, the ${what} of step 2\\n$`));
    const bytes = readFileSync(join(folder, 'net.onnx'));
    const weights = readFileSync(join(folder, 'runs/train/checkpoints/step-2', source));
    const header = Number(weights.readBigUInt64LE(0));
    const layout = JSON.parse(weights.toString('utf8', 8, 8 + header)) as Record<
      string,
      { data_offsets: [number, number] }
    >;
    for (const name of ['1.weight', '1.bias', '3.weight', '3.bias']) {
      const [start, end] = layout[name].data_offsets.map((offset) => 8 + header + offset);
      expect(bytes.includes(weights.subarray(start, end))).toBe(true);
      expect(bytes.includes(name)).toBe(true);
    }
  });

  it('refuses a training with a predict of its own, and a run without checkpoints', async () => {
    const folder = folderWithSmallTraining(64, { predict: '(model, { x }) => model.forward(x)' });
    const own = await gradwire(folder, 'export', 'train.ts', 'runs/train', 'net.onnx');
    expect(own).toMatchObject({ code: 2, stdout: '' });
    expect(own.stderr).toMatch(/^gradwire: train\.ts: has a predict of its own/);
    writeFileSync(
      join(folder, 'other.ts'),
      readFileSync(join(folder, 'train.ts'), 'utf8').replace(/ {2}predict: .*\n/, ''),
    );
    const none = await gradwire(folder, 'export', 'other.ts', 'runs/none', 'net.onnx');
    expect(none).toMatchObject({ code: 2, stdout: '' });
    expect(none.stderr).toMatch(/runs\/none: there is no such file or folder/);
    expect(existsSync(join(folder, 'net.onnx'))).toBe(false);
  });
});
