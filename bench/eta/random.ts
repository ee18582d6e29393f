// Chance for the simulations: the same draws in every run.

export type Random = () => number;

/** Numbers in [0, 1), by a small generator of 32 bits (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function drawExponential(random: Random, mean: number): number {
  return -mean * Math.log(1 - random());
}

function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

export interface Lognormal {
  readonly median: number;
  readonly sigma: number;
}

export function drawLognormal(random: Random, { median, sigma }: Lognormal): number {
  return median * Math.exp(sigma * drawNormal(random));
}

/** One that is met in progress: long ones are met more often, and at any moment of their time. */
export function drawInProgress(random: Random, length: Lognormal): { readonly age: number; readonly total: number } {
  const total = drawLognormal(random, { ...length, median: length.median * Math.exp(length.sigma ** 2) });
  return { age: random() * total, total };
}

/** How likely one of this age ends in the next unit of time. */
export function hazardOf({ median, sigma }: Lognormal, age: number): number {
  if (age <= 0) return 0;
  const z = Math.log(age / median) / sigma;
  const density = Math.exp(-(z ** 2) / 2) / (age * sigma * Math.sqrt(2 * Math.PI));
  return density / upperTail(z);
}

/** The part of a normal distribution above `z` (Zelen and Severo's polynomial, 26.2.17 of Abramowitz and Stegun). */
function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  const t = 1 / (1 + 0.2316419 * z);
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return Math.max(1e-12, (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * series);
}
