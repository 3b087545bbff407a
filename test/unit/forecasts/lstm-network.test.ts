import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LstmNetwork } from '../../../src/forecasts/lstm-network.ts';
import { Prng } from '../../../src/lib/prng.ts';

test('the gradient is what small changes of each weight do to the loss', () => {
  const random = new Prng(7);
  const network = new LstmNetwork({ inputs: 3, cells: 5, outputs: 2, steps: 6 });
  network.initialise(random);
  // The read-out begins at zero, where gradients of the cells vanish.
  for (let i = 0; i < network.weights.length; i += 1) network.weights[i] += 0.1 * random.normal();
  const window = Float64Array.from({ length: 18 }, () => random.normal());
  const target = [0.3, -0.7];
  const loss = (): number =>
    network.forward(window).reduce((sum, out, i) => sum + (out - target[i]) ** 2, 0);
  const out = network.forward(window);
  network.backward(out.map((value, i) => 2 * (value - target[i])));
  const h = 1e-6;
  for (let i = 0; i < network.weights.length; i += 1) {
    const before = network.weights[i];
    network.weights[i] = before + h;
    const above = loss();
    network.weights[i] = before - h;
    const numeric = (above - loss()) / (2 * h);
    network.weights[i] = before;
    assert.ok(Math.abs(numeric - network.gradient[i]) < 1e-7, `weight ${i}`);
  }
});
