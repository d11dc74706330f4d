/** One place to change in a file. Lines are without their ends. */
export interface Chunk {
  /** Text after `@@ `: a line that comes somewhere before the chunk. */
  readonly header: string | undefined;
  /** Context and removed lines, in order; empty for a pure addition. */
  readonly oldLines: readonly string[];
  /** Context and added lines, in order. */
  readonly newLines: readonly string[];
  /** The chunk is the last thing in the file. */
  readonly atEndOfFile: boolean;
}

/** What a patch does to one file; paths are as written in the patch. */
export type Hunk =
  | { readonly type: 'add'; readonly path: string; readonly content: string }
  | { readonly type: 'delete'; readonly path: string }
  | {
      readonly type: 'update';
      readonly path: string;
      readonly moveTo: string | undefined;
      readonly chunks: readonly Chunk[];
    };
