const ESCAPE = '\u001b';
const BELL = '\u0007';

/** Colours and the like, which the page does not show (ECMA-48: control sequences, and strings for the system). */
const STYLING = new RegExp(
  `${ESCAPE}\\[[0-?]*[ -/]*[@-~]|${ESCAPE}\\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)`,
  'g',
);

/** What a terminal would show in the end of a line that was written over itself, as progress is. */
const OVERWRITTEN = /^.*\r(?=[^\n])/gm;

/** The output of a command as text. */
export function readableOutput(output: string): string {
  return output.replace(STYLING, '').replaceAll(/\r+\n/g, '\n').replace(OVERWRITTEN, '').replaceAll('\r', '');
}
