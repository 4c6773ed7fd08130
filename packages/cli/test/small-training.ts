import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingEvent } from '../src/events.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { trainingFile } from './training-file.ts';

const imports = `import { randomCrop, randomHorizontalFlip, synthDigits } from '@gradwire/data';
import { AdamW, BatchNorm1d, Dropout, Flatten, LAMB, LARS, Linear, ReLU, ReduceLROnPlateau, SGD, Sequential, accuracy, convertSyncBatchNorm, crossEntropy } from '@gradwire/nn';
import { randn } from '@gradwire/tensor';`;

/** A fresh folder with a `train.ts` that is quick to train and has chance in its loss; `options` replace its own. */
export function folderWithSmallTraining(trainLength: number, replaced: Record<string, string> = {}): string {
  const folder = temporaryFolder();
  const options = {
    data: `() => synthDigits({ trainLength: ${trainLength}, testLength: 20 })`,
    model: '() => new Sequential(new Flatten(), new Linear(784, 16), new ReLU(), new Linear(16, 10))',
    loss: '(model, { x, y }) => crossEntropy(model.forward(x.add(randn(x.shape).mul(0.1))), y)',
    optimizer: '(parameters) => new AdamW(parameters, { lr: 2e-3 })',
    epochs: '2',
    batchSize: '32',
    ...replaced,
  };
  writeFileSync(join(folder, 'train.ts'), trainingFile(options, imports));
  return folder;
}

/** The events that a run with `--json` has printed; a line that is cut short by its end is left out. */
export function eventsIn(stdout: string): TrainingEvent[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as TrainingEvent);
}
