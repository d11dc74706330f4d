/** What the daemon holds while nobody uses it. */
export interface Rest {
  /** Living objects, after a forced collection. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  readonly descriptors: number;
}

const MIB = 2 ** 20;
const DESCRIPTOR_TOLERANCE = 2;
/**
 * Compiled code and caches still come in late, and from rest to rest it goes up and down by some MiB; a leak of 1 KiB per
 * turn passes this within a quarter of an hour.
 */
const HEAP_GROWTH = 12 * MIB;
/** The allocator gives memory back when it likes, so this only finds what is not on the heap and large. */
const RESIDENT_GROWTH = 64 * MIB;

/** @param rests the first before any use, then one after each round of use; returns in words what has grown */
export function compareRests(rests: readonly Rest[]): string[] {
  const [first] = rests;
  const middle = rests[Math.floor(rests.length / 2)];
  const last = rests.at(-1);
  if (!first || !middle || !last) return ['nothing was measured'];
  const faults: string[] = [];
  const descriptors = last.descriptors - first.descriptors;
  if (Math.abs(descriptors) > DESCRIPTOR_TOLERANCE) faults.push(`descriptors differ by ${descriptors}`);
  const heap = last.heapBytes - middle.heapBytes;
  if (heap > HEAP_GROWTH) faults.push(`the heap has grown by ${mib(heap)} since the middle`);
  const resident = last.residentBytes - middle.residentBytes;
  if (resident > RESIDENT_GROWTH)
    faults.push(`resident memory has grown by ${mib(resident)} since the middle`);
  return faults;
}

export function describeRest({ heapBytes, residentBytes, descriptors }: Rest): string {
  return `heap ${mib(heapBytes)}, resident ${mib(residentBytes)}, ${descriptors} descriptors`;
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(1)} MiB`;
