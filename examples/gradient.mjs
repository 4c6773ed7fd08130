// The tensor package alone: a gradient by hand, and a line fitted to points. Run: node examples/gradient.mjs
import { Linear, SGD, mseLoss } from '@gradwire/nn';
import { manualSeed, randn, step, tensor } from '@gradwire/tensor';

const w = tensor([[1, 2], [3, 4]], { requiresGrad: true }); // prettier-ignore
w.matmul(w).sum().backward();
console.log('gradient of the sum of w·w:', JSON.stringify(w.grad.toArray()));

manualSeed(1);
const x = randn([64, 2]);
const y = x.matmul(tensor([[2], [-1]])).add(3);
const model = new Linear(2, 1);
const optimizer = new SGD(model.parameters(), { lr: 0.1 });
for (let i = 0; i < 200; i++) {
  // Everything made inside step is gone after it; the parameters and their gradients stay.
  step(() => {
    optimizer.zeroGrad();
    mseLoss(model.forward(x), y).backward();
  });
  optimizer.step();
}
const round = (value) => Math.round(value * 1000) / 1000;
console.log('weights:', [...model.weight.data()].map(round), 'bias:', round(model.bias.item()));
