/** A pair of indexes that belong together, or one index alone. */
export type Aligned = readonly [number | undefined, number | undefined];

/** Lines two lists up so that as many equal labels as possible stand side by side. */
export function align(left: readonly string[], right: readonly string[]): Aligned[] {
  const common = commonLengths(left, right);
  const lengthAt = (i: number, j: number) => common[i * (right.length + 1) + j] ?? 0;
  const pairs: Aligned[] = [];
  let i = 0;
  let j = 0;
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) pairs.push([i++, j++]);
    else if (j === right.length || (i < left.length && lengthAt(i + 1, j) >= lengthAt(i, j + 1)))
      pairs.push([i++, undefined]);
    else pairs.push([undefined, j++]);
  }
  return pairs;
}

/** For each pair of positions, the length of the longest common subsequence of what follows. */
function commonLengths(left: readonly string[], right: readonly string[]): Uint32Array {
  const width = right.length + 1;
  const lengths = new Uint32Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const at = i * width + j;
      lengths[at] =
        left[i] === right[j]
          ? (lengths[at + width + 1] ?? 0) + 1
          : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  }
  return lengths;
}
