/** How often a random test runs, and from what seed: `LIFECYCLE_RUNS` and `LIFECYCLE_SEED` change both. */
export function runSettings(usual: number): { numRuns: number; seed: number } {
  const { LIFECYCLE_RUNS: runs, LIFECYCLE_SEED: wanted } = process.env;
  const seed = wanted === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);
  const numRuns = runs === undefined ? usual : Number(runs);
  console.log(`LIFECYCLE_SEED=${seed} LIFECYCLE_RUNS=${numRuns}`);
  return { numRuns, seed };
}

/** Room for that many runs on a busy machine, in milliseconds. */
export const timeLimit = (numRuns: number, millisecondsEach: number): number =>
  20_000 + numRuns * millisecondsEach;
