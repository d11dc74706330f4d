/** Microseconds on a clock that all processes of the machine share. */
export const now = (): number => Number(process.hrtime.bigint() / 1000n);

/** One change of a file system, or one promise of it, in the order in which they came about. */
export type DiskEntry = DiskChange & {
  /** When it was done, see {@link now}. */
  readonly at: number;
};

export type DiskChange =
  | { readonly kind: 'mkdir'; readonly path: string }
  /** The number stands for what has that name at the moment; a file that was not there is there now. */
  | { readonly kind: 'open'; readonly path: string; readonly handle: number; readonly isDirectory: boolean }
  /** The file begins with so many bytes of what it was, and ends with the others, in base64. */
  | { readonly kind: 'content'; readonly handle: number; readonly keeps: number; readonly rest: string }
  | { readonly kind: 'link' | 'rename'; readonly path: string; readonly target: string }
  | { readonly kind: 'unlink'; readonly path: string }
  /** What was done before as many entries as there were when it began is on the disk. */
  | { readonly kind: 'sync'; readonly handle: number; readonly covers: number };
