import type { InputItem } from './recording.ts';

/** Characters of one output that are repeated. */
const SHOWN = 400;

/** Says in plain words what the tools answered, one paragraph for each output. */
export function summariseOutputs(outputs: readonly InputItem[]): string {
  return outputs.map(({ output }) => summarise(String(output))).join('\n\n');
}

function summarise(output: string): string {
  const result = readResult(output);
  if (!result) return `The tool answered: ${quote(output)}`;
  const ending = `The command ended with exit code ${result.exitCode}`;
  return result.text === ''
    ? `${ending} and printed nothing.`
    : `${ending} and printed: ${quote(result.text)}`;
}

/** Output of the shell tool, a JSON string; other tools answer with plain text. */
function readResult(output: string): { text: string; exitCode: number } | undefined {
  try {
    const { output: text, metadata } = JSON.parse(output);
    return typeof text === 'string' ? { text, exitCode: Number(metadata?.exit_code) } : undefined;
  } catch {
    return undefined;
  }
}

function quote(text: string): string {
  const trimmed = text.trimEnd();
  return trimmed.length > SHOWN ? `${trimmed.slice(0, SHOWN)}…` : trimmed;
}
