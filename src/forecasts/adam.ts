const FIRST_DECAY = 0.9;
const SECOND_DECAY = 0.999;
const EPSILON = 1e-8;

/** Adam (Kingma and Ba, 2015): steps down a gradient, each weight at a pace of its own. */
export class Adam {
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private readonly rate: number;
  private steps = 0;

  constructor(weights: number, rate: number) {
    this.first = new Float64Array(weights);
    this.second = new Float64Array(weights);
    this.rate = rate;
  }

  /** Moves the weights, and clears the gradient. @param scale what the gradient is multiplied by */
  step(weights: Float64Array, gradient: Float64Array, scale: number): void {
    this.steps += 1;
    const { first, second } = this;
    const firstBias = 1 - FIRST_DECAY ** this.steps;
    const secondBias = 1 - SECOND_DECAY ** this.steps;
    for (let i = 0; i < weights.length; i += 1) {
      const slope = gradient[i] * scale;
      first[i] = FIRST_DECAY * first[i] + (1 - FIRST_DECAY) * slope;
      second[i] = SECOND_DECAY * second[i] + (1 - SECOND_DECAY) * slope * slope;
      const pace = Math.sqrt(second[i] / secondBias) + EPSILON;
      weights[i] -= (this.rate * first[i]) / firstBias / pace;
    }
    gradient.fill(0);
  }
}
