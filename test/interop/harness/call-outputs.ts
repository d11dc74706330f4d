import type { Stage } from './stage.ts';

/** What the model was told about its calls so far, by their ids. */
export function callOutputs(stage: Stage): Record<string, unknown> {
  const items = stage.model.requests.flatMap(({ body }) => body.input);
  const outputs = items.filter(({ type }) => type.endsWith('call_output'));
  return Object.fromEntries(outputs.map(({ call_id: id, output }) => [String(id), output]));
}
