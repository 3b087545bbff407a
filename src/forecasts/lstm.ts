import { Prng } from '../lib/prng.ts';
import { Adam } from './adam.ts';
import { LstmNetwork } from './lstm-network.ts';
import type { ForecastModel, Pauses } from './model.ts';
import { volatilityOf } from './volatility.ts';

const STEPS = 48;
const INPUTS = 4;
const CELLS = 32;
/** Moves of so many steps are an input besides the last one. */
const MOMENTUM_STEPS = 5;
const WINDOWS_MAX = 500;
const EPOCHS_MAX = 6;
const BATCH = 32;
const RATE = 3e-3;
/** The newest share of the windows is not learnt from; learning stops when it gets worse there. */
const HELD_OUT = 0.2;
const SEED = 20_261_121;
/** Inputs and targets are in units of the volatility; what lies beyond says no more than this. */
const CLIP = 4;

/**
 * A small network of long short-term memory that is trained on the one market's own past: windows of
 * 48 steps, in units of the volatility at each window's end, and as its target the moves after it.
 */
export class LstmModel implements ForecastModel {
  readonly name = 'lstm';
  readonly closesMin = 300;
  readonly closesMax = STEPS + MOMENTUM_STEPS + 60;
  private network: LstmNetwork | undefined;
  private readonly window = new Float64Array(STEPS * INPUTS);

  learn(logs: Float64Array, horizonMax: number, control: Pauses): void {
    const network = new LstmNetwork({
      inputs: INPUTS,
      cells: CELLS,
      outputs: horizonMax,
      steps: STEPS,
    });
    network.initialise(new Prng(SEED));
    const first = STEPS + MOMENTUM_STEPS;
    const origins: number[] = [];
    const last = logs.length - 1 - horizonMax;
    for (let at = Math.max(first, last - WINDOWS_MAX + 1); at <= last; at += 1) origins.push(at);
    const split = Math.floor(origins.length * (1 - HELD_OUT));
    // Targets of the last windows that are learnt from must not reach into those held out.
    const learning = origins.slice(0, Math.max(1, split - horizonMax));
    this.train(network, logs, learning, origins.slice(split), control);
    this.network = network;
  }

  predict(logs: Float64Array, horizon: number): Float64Array {
    const { network } = this;
    const at = logs.length - 1;
    const last = logs[at];
    if (network === undefined) throw new Error('a network predicts after it has learnt');
    const scale = fillWindow(this.window, logs, at);
    const out = network.forward(this.window);
    return Float64Array.from({ length: horizon }, (_, step) => {
      return last + out[step] * scale * Math.sqrt(step + 1);
    });
  }

  private train(
    network: LstmNetwork,
    logs: Float64Array,
    learning: readonly number[],
    heldOut: readonly number[],
    control: Pauses,
  ): void {
    const random = new Prng(SEED + 1);
    const adam = new Adam(network.weights.length, RATE);
    // Not having learnt anything, which predicts no move, is what it has to beat.
    let best = Float64Array.from(network.weights);
    let bestLoss = this.loss(network, logs, heldOut);
    const order = [...learning];
    for (let epoch = 0; epoch < EPOCHS_MAX; epoch += 1) {
      shuffle(order, random);
      for (let from = 0; from < order.length; from += BATCH) {
        control.throwIfCancelled();
        const batch = order.slice(from, from + BATCH);
        for (const at of batch) this.propagate(network, logs, at);
        adam.step(network.weights, network.gradient, 1 / batch.length);
      }
      const loss = this.loss(network, logs, heldOut);
      if (loss < bestLoss) {
        bestLoss = loss;
        best = Float64Array.from(network.weights);
      }
    }
    network.weights.set(best);
  }

  private propagate(network: LstmNetwork, logs: Float64Array, at: number): void {
    const { outputs } = network.shape;
    const scale = fillWindow(this.window, logs, at);
    const out = network.forward(this.window);
    const slope = new Float64Array(outputs);
    for (let step = 0; step < outputs; step += 1) {
      slope[step] = (2 * (out[step] - target(logs, at, step, scale))) / outputs;
    }
    network.backward(slope);
  }

  private loss(network: LstmNetwork, logs: Float64Array, origins: readonly number[]): number {
    let sum = 0;
    for (const at of origins) {
      const scale = fillWindow(this.window, logs, at);
      const out = network.forward(this.window);
      for (let step = 0; step < out.length; step += 1) {
        sum += (out[step] - target(logs, at, step, scale)) ** 2;
      }
    }
    return sum;
  }
}

/** The move to `step + 1` steps later, in units of what volatility makes of so many steps. */
function target(logs: Float64Array, at: number, step: number, scale: number): number {
  return clip((logs[at + step + 1] - logs[at]) / (scale * Math.sqrt(step + 1)));
}

/** @returns the volatility of one step at the window's end */
function fillWindow(window: Float64Array, logs: Float64Array, at: number): number {
  const scale = volatilityOf(logs, at);
  for (let step = 0; step < STEPS; step += 1) {
    const i = at - STEPS + 1 + step;
    const move = clip((logs[i] - logs[i - 1]) / scale);
    const momentum = (logs[i] - logs[i - MOMENTUM_STEPS]) / (scale * Math.sqrt(MOMENTUM_STEPS));
    window[step * INPUTS] = move;
    window[step * INPUTS + 1] = Math.abs(move);
    window[step * INPUTS + 2] = clip(momentum);
    window[step * INPUTS + 3] = clip((logs[i] - logs[at]) / (scale * Math.sqrt(STEPS)));
  }
  return scale;
}

function clip(value: number): number {
  return Math.max(-CLIP, Math.min(CLIP, value));
}

function shuffle(values: number[], random: Prng): void {
  for (let i = values.length - 1; i > 0; i -= 1) {
    const other = random.integer(0, i);
    [values[i], values[other]] = [values[other], values[i]];
  }
}
