import type { Prng } from '../lib/prng.ts';

/** Sizes of a network: inputs per step, cells, outputs behind the last step, steps of a window. */
export interface LstmShape {
  readonly inputs: number;
  readonly cells: number;
  readonly outputs: number;
  readonly steps: number;
}

const GATES = 4;

/**
 * One layer of long short-term memory and a linear read-out of its last state, with its gradient by
 * back-propagation through time. All weights lie in one array: per cell and gate (input, forget,
 * candidate, output) the weights of the inputs, of the cells before, and a bias; then the read-out.
 */
export class LstmNetwork {
  readonly shape: LstmShape;
  readonly weights: Float64Array;
  readonly gradient: Float64Array;
  /** Of the newest `forward`. REUSED. */
  readonly out: Float64Array;
  private readonly stride: number;
  private readonly readOut: number;
  // Per step: gates after their nonlinearity, cell states, hidden states; one step more for "before".
  private readonly gates: Float64Array;
  private readonly cells: Float64Array;
  private readonly hidden: Float64Array;
  private readonly dHidden: Float64Array;
  private readonly dCell: Float64Array;
  private readonly dBefore: Float64Array;
  private window: Float64Array = new Float64Array();

  constructor(shape: LstmShape) {
    const { inputs, cells, outputs, steps } = shape;
    this.shape = shape;
    this.stride = inputs + cells + 1;
    this.readOut = GATES * cells * this.stride;
    this.weights = new Float64Array(this.readOut + outputs * (cells + 1));
    this.gradient = new Float64Array(this.weights.length);
    this.out = new Float64Array(outputs);
    this.gates = new Float64Array(steps * GATES * cells);
    this.cells = new Float64Array((steps + 1) * cells);
    this.hidden = new Float64Array((steps + 1) * cells);
    this.dHidden = new Float64Array(cells);
    this.dCell = new Float64Array(cells);
    this.dBefore = new Float64Array(cells);
  }

  /** Random weights, forget gates open, a read-out that begins at nothing. */
  initialise(random: Prng): void {
    const { cells } = this.shape;
    const scale = 1 / Math.sqrt(this.stride);
    for (let i = 0; i < this.readOut; i += 1) this.weights[i] = random.normal() * scale;
    for (let cell = 0; cell < cells; cell += 1) {
      for (let gate = 0; gate < GATES; gate += 1) {
        this.weights[this.rowOf(gate, cell) + this.stride - 1] = gate === 1 ? 1 : 0;
      }
    }
    this.weights.fill(0, this.readOut);
  }

  /** @param window steps × inputs, oldest step first @returns the outputs, REUSED */
  forward(window: Float64Array): Float64Array {
    const { cells, outputs, steps } = this.shape;
    const { hidden, weights, out } = this;
    this.window = window;
    for (let step = 0; step < steps; step += 1) this.stepForward(step);
    const last = steps * cells;
    for (let o = 0; o < outputs; o += 1) {
      const row = this.readOut + o * (cells + 1);
      let sum = weights[row + cells];
      for (let cell = 0; cell < cells; cell += 1) sum += weights[row + cell] * hidden[last + cell];
      out[o] = sum;
    }
    return out;
  }

  /** Adds to `gradient` what the newest `forward` contributes. @param dOut slope of the loss by output */
  backward(dOut: Float64Array): void {
    const { cells, outputs, steps } = this.shape;
    const { hidden, weights, gradient, dHidden, dCell } = this;
    const last = steps * cells;
    dHidden.fill(0);
    dCell.fill(0);
    for (let o = 0; o < outputs; o += 1) {
      const row = this.readOut + o * (cells + 1);
      const slope = dOut[o];
      gradient[row + cells] += slope;
      for (let cell = 0; cell < cells; cell += 1) {
        gradient[row + cell] += slope * hidden[last + cell];
        dHidden[cell] += slope * weights[row + cell];
      }
    }
    for (let step = steps - 1; step >= 0; step -= 1) this.stepBackward(step);
  }

  private stepForward(step: number): void {
    const { cells } = this.shape;
    const { gates, hidden } = this;
    for (let cell = 0; cell < cells; cell += 1) {
      const at = (step * cells + cell) * GATES;
      for (let gate = 0; gate < GATES; gate += 1) {
        const sum = this.activation(step, this.rowOf(gate, cell));
        gates[at + gate] = gate === 2 ? Math.tanh(sum) : 1 / (1 + Math.exp(-sum));
      }
      const before = step * cells + cell;
      const state = gates[at + 1] * this.cells[before] + gates[at] * gates[at + 2];
      this.cells[before + cells] = state;
      hidden[before + cells] = gates[at + 3] * Math.tanh(state);
    }
  }

  private activation(step: number, row: number): number {
    const { inputs, cells } = this.shape;
    const { weights, window, hidden, stride } = this;
    let sum = weights[row + stride - 1];
    const input = step * inputs;
    for (let i = 0; i < inputs; i += 1) sum += weights[row + i] * window[input + i];
    const before = step * cells;
    for (let i = 0; i < cells; i += 1) sum += weights[row + inputs + i] * hidden[before + i];
    return sum;
  }

  private stepBackward(step: number): void {
    const { cells } = this.shape;
    const { gates, dHidden, dCell, dBefore } = this;
    dBefore.fill(0);
    for (let cell = 0; cell < cells; cell += 1) {
      const at = (step * cells + cell) * GATES;
      const before = this.cells[step * cells + cell];
      const squashed = Math.tanh(this.cells[(step + 1) * cells + cell]);
      const [input, forget, candidate, output] = gates.subarray(at, at + GATES);
      const dState = dCell[cell] + dHidden[cell] * output * (1 - squashed * squashed);
      this.gateBackward(step, 0, cell, dState * candidate * input * (1 - input));
      this.gateBackward(step, 1, cell, dState * before * forget * (1 - forget));
      this.gateBackward(step, 2, cell, dState * input * (1 - candidate * candidate));
      this.gateBackward(step, 3, cell, dHidden[cell] * squashed * output * (1 - output));
      dCell[cell] = dState * forget;
    }
    dHidden.set(dBefore);
  }

  private gateBackward(step: number, gate: number, cell: number, slope: number): void {
    const { inputs, cells } = this.shape;
    const { weights, gradient, window, hidden, dBefore, stride } = this;
    const row = this.rowOf(gate, cell);
    gradient[row + stride - 1] += slope;
    const input = step * inputs;
    for (let i = 0; i < inputs; i += 1) gradient[row + i] += slope * window[input + i];
    const before = step * cells;
    for (let i = 0; i < cells; i += 1) {
      gradient[row + inputs + i] += slope * hidden[before + i];
      dBefore[i] += slope * weights[row + inputs + i];
    }
  }

  private rowOf(gate: number, cell: number): number {
    return (cell * GATES + gate) * this.stride;
  }
}
