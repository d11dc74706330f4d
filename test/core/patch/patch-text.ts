/** A patch with these lines between its marks. */
export const patchOf = (...lines: string[]): string =>
  ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

/** A patch that updates one file. */
export const update = (file: string, ...lines: string[]): string =>
  patchOf(`*** Update File: ${file}`, ...lines);
