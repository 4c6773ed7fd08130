import { AdamW, crossEntropy, SGD } from '@gradwire/nn';
import { Generator } from '@gradwire/tensor';
import { cnn, lenet, resnet20 } from '../networks/images.mjs';
import { perceptron } from '../networks/perceptron.mjs';
import { characterModel, lstm } from '../networks/sequences.mjs';
import { CLASSES, OPTIMIZERS, WORKLOADS } from '../workloads.mjs';

const NETWORKS = { perceptron, lenet, cnn, resnet20, lstm, characterModel };

/** What a training of this workload is made of: functions that make its parts, as a training file has them. */
export function trainingOf(name) {
  const workload = WORKLOADS[name];
  const { network, example, context, vocabulary } = workload;
  return {
    model: () => NETWORKS[network](workload),
    optimizer: (parameters) =>
      workload.optimizer === 'sgd' ? new SGD(parameters, OPTIMIZERS.sgd) : new AdamW(parameters, OPTIMIZERS.adamw),
    loss: (model, { x, y }) => {
      const scores = model.forward(x);
      return example ? crossEntropy(scores, y) : crossEntropy(scores.flatten(0, 1), y.flatten());
    },
    /** Random examples with targets, in memory that stays. */
    examples: (count) => {
      const generator = new Generator(0);
      if (example) return { x: generator.randn([count, ...example]), y: generator.randint(0, CLASSES, [count]) };
      const tokens = () => generator.randint(0, vocabulary, [count, context]);
      return { x: tokens(), y: tokens() };
    },
  };
}
