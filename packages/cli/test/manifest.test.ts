import { describe, expect, it } from 'vitest';
import { modelDifferences, parseManifest } from '../src/checkpoint/manifest.ts';

const fail = (sentence: string) => new Error(sentence);
const manifest = {
  format: 1,
  step: 3,
  epoch: 1,
  seed: 1,
  model: [{ name: 'weight', shape: [2, 3] }],
  files: { 'model.safetensors': { bytes: 8, sha256: 'a'.repeat(64) } },
  state: { schedule: { step: 3 } },
};

describe('parseManifest', () => {
  it('reads back what was written', () => {
    expect(parseManifest(JSON.stringify(manifest), fail)).toEqual(manifest);
  });

  it.each([
    ['{', 'the manifest is not JSON'],
    [JSON.stringify({ ...manifest, step: -1 }), 'in the manifest, step must be a whole number from 0, got -1'],
    [JSON.stringify({ ...manifest, format: 2 }), 'format must be 1; a newer gradwire may have written it, got 2'],
    [
      JSON.stringify({ ...manifest, files: { '../../etc/passwd': { bytes: 1, sha256: '' } } }),
      'must be a plain file name',
    ],
    [
      JSON.stringify({ ...manifest, files: { 'a.safetensors': { bytes: 1, sha256: 'x' } } }),
      'files.a.safetensors.sha256 must be a sha256 in hexadecimal, got "x"',
    ],
  ])('refuses %s', (text, sentence) => {
    expect(() => parseManifest(text, fail)).toThrow(sentence);
  });
});

describe('modelDifferences', () => {
  const saved = [
    { name: '0.weight', shape: [6, 1, 5, 5] },
    { name: '0.bias', shape: [6] },
  ];

  it('finds none between equal models', () => {
    expect(modelDifferences(saved, saved)).toEqual([]);
  });

  it('names what is missing on either side and what has another shape', () => {
    const wanted = [
      { name: '0.weight', shape: [8, 1, 5, 5] },
      { name: '2.weight', shape: [10] },
    ];
    expect(modelDifferences(saved, wanted)).toEqual([
      '0.weight is [6, 1, 5, 5] in the checkpoint but [8, 1, 5, 5] in the model',
      '2.weight [10] is not in the checkpoint',
      '0.bias [6] is not in the model',
    ]);
  });

  it('counts the rest beyond the first few', () => {
    const wanted = Array.from({ length: 9 }, (_, index) => ({ name: `layer${index}`, shape: [] }));
    expect(modelDifferences([], wanted)).toEqual([
      'layer0 [] is not in the checkpoint',
      'layer1 [] is not in the checkpoint',
      'layer2 [] is not in the checkpoint',
      '6 more',
    ]);
  });
});
