import { manualSeed, noGrad, randn, step } from '@gradwire/tensor';
import { describe, expect, it } from 'vitest';
import { resnetCifar } from '../src/models/resnet-cifar.ts';
import { resnet18, resnet50 } from '../src/models/resnet.ts';
import type { Module } from '../src/module.ts';

const count = (model: Module): number => model.parameters().reduce((sum, { size }) => sum + size, 0);

describe('residual networks', () => {
  it("have the literature's numbers of parameters and torchvision's keys", () => {
    const model = resnet18();
    expect(count(model)).toBe(11_689_512);
    const keys = [...model.stateDict().keys()];
    expect(keys).toHaveLength(122);
    expect(keys.slice(0, 3)).toEqual(['conv1.weight', 'bn1.weight', 'bn1.bias']);
    expect(keys).toContain('layer2.0.downsample.0.weight');
    expect(keys).not.toContain('layer1.0.downsample.0.weight');
  });

  it('of bottlenecks too', () => {
    const model = resnet50({ numClasses: 1000 });
    expect(count(model)).toBe(25_557_032);
    expect(model.stateDict().get('layer1.0.downsample.0.weight')!.shape).toEqual([256, 64, 1, 1]);
  });

  it('map images to classes', () => {
    manualSeed(1);
    const model = resnet18({ numClasses: 7, zeroInitResidual: true });
    expect(step(() => noGrad(() => model.forward(randn([2, 3, 64, 64])))).shape).toEqual([2, 7]);
    expect(model.stateDict().get('layer3.1.bn2.weight')!.sum().item()).toBe(0);
  });

  it('for small images have 0.27 million parameters at 20 layers, all of which learn', () => {
    const model = resnetCifar({ depth: 20 });
    expect(count(model)).toBe(269_722);
    expect(count(resnetCifar({ depth: 20, plain: true }))).toBe(269_722);
    step(() =>
      model
        .forward(randn([2, 3, 32, 32]))
        .pow(2)
        .sum()
        .backward(),
    );
    expect(model.parameters().every(({ grad }) => grad !== null)).toBe(true);
    expect(() => resnetCifar({ depth: 21 })).toThrow(/depth must be 6n \+ 2/);
  });
});
