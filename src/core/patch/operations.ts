/** A file that a patch names. */
export interface PatchPath {
  /** As written in the patch. */
  readonly name: string;
  /** Absolute, not normalised. */
  readonly path: string;
}

/** One step of applying a patch; steps are taken in order. `oldContent` is from before the first step. */
export type FileOperation =
  | { readonly type: 'add'; readonly file: PatchPath; readonly content: string }
  | { readonly type: 'delete'; readonly file: PatchPath; readonly oldContent: string }
  | {
      readonly type: 'update';
      readonly file: PatchPath;
      readonly oldContent: string;
      readonly content: string;
      /** Where the file goes; `undefined` also for a move to the place where it already is. */
      readonly moveTo: PatchPath | undefined;
    };
