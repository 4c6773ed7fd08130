import { fromNn } from './exports.mjs';

// The networks of the training cases. Field names give the keys of the parameters.

/** Builds the network `name`. Throws NotYetSupported if a layer that it needs does not exist. */
export function buildNetwork(name) {
  const build = { LeNet, MLP_BatchNorm, LSTMClassifier, TinyTransformer }[name];
  if (!build) throw new Error(`the case trains the network "${name}", which the runner does not know`);
  return build();
}

function LeNet() {
  const [Module, Conv2d, MaxPool2d, Linear] = ['Module', 'Conv2d', 'MaxPool2d', 'Linear'].map(fromNn);
  return new (class extends Module {
    conv1 = new Conv2d(1, 6, 5, { padding: 2 });
    conv2 = new Conv2d(6, 16, 5);
    pool = new MaxPool2d(2);
    fc1 = new Linear(400, 120);
    fc2 = new Linear(120, 84);
    fc3 = new Linear(84, 10);

    forward(x) {
      const features = this.pool.forward(this.conv2.forward(this.pool.forward(this.conv1.forward(x).relu())).relu());
      return this.fc3.forward(this.fc2.forward(this.fc1.forward(features.flatten(1)).relu()).relu());
    }
  })();
}

function MLP_BatchNorm() {
  const [Module, Linear, BatchNorm1d] = ['Module', 'Linear', 'BatchNorm1d'].map(fromNn);
  return new (class extends Module {
    fc1 = new Linear(12, 16);
    bn = new BatchNorm1d(16);
    fc2 = new Linear(16, 4);

    forward(x) {
      return this.fc2.forward(this.bn.forward(this.fc1.forward(x)).tanh());
    }
  })();
}

function LSTMClassifier() {
  const [Module, LSTM, Linear] = ['Module', 'LSTM', 'Linear'].map(fromNn);
  return new (class extends Module {
    lstm = new LSTM(6, 10, { batchFirst: true });
    fc = new Linear(10, 4);

    forward(x) {
      const [outputs] = this.lstm.forward(x);
      return this.fc.forward(outputs.select(1, x.shape[1] - 1));
    }
  })();
}

function TinyTransformer() {
  const [Module, Embedding, Linear] = ['Module', 'Embedding', 'Linear'].map(fromNn);
  const [Encoder, EncoderLayer] = ['TransformerEncoder', 'TransformerEncoderLayer'].map(fromNn);
  const positions = fromNn('sinusoidalPositionalEncoding')({ maxLen: 8, dModel: 16 });
  return new (class extends Module {
    embed = new Embedding(13, 16);
    encoder = new Encoder(new EncoderLayer(16, 4, { dimFeedforward: 32, dropout: 0, batchFirst: true }), 2);
    out = new Linear(16, 4);

    forward(x) {
      return this.out.forward(this.encoder.forward(this.embed.forward(x).add(positions)).mean(1));
    }
  })();
}
