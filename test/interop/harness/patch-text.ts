/** A patch of the given lines between its first and its last. */
export const patchText = (...lines: readonly string[]): string =>
  ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');

export const addFile = (path: string, ...lines: readonly string[]): string =>
  patchText(`*** Add File: ${path}`, ...lines.map((line) => `+${line}`));
