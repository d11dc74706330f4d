import type { OpenAPIV3_1 } from 'openapi-types';
import type { Example } from '../protocol/method.ts';
import { registry } from '../protocol/registry.ts';

type Shown = Example<Record<string, unknown>, unknown>;

/** Shows the example of each method where its params and its result are described. Changes the document. */
export function showExamples({ paths = {} }: OpenAPIV3_1.Document): void {
  for (const operation of Object.values(paths).flatMap((item) => Object.values(item ?? {}))) {
    const { operationId } = operation as OpenAPIV3_1.OperationObject;
    const example = registry.get(operationId ?? '')?.example;
    if (example) showExample(operation as OpenAPIV3_1.OperationObject, example);
  }
}

function showExample(operation: OpenAPIV3_1.OperationObject, example: Shown): void {
  const body = new Map(Object.entries(example.params));
  for (const parameter of operation.parameters ?? []) {
    if (!('name' in parameter) || !body.has(parameter.name)) continue;
    parameter.example = body.get(parameter.name);
    body.delete(parameter.name);
  }
  show(operation.requestBody, Object.fromEntries(body));
  const [, success] =
    Object.entries(operation.responses ?? {}).find(([status]) => status.startsWith('2')) ?? [];
  show(success, example.result);
}

function show(place: object | undefined, value: unknown): void {
  if (!place || !('content' in place)) return;
  const [media] = Object.values(place.content as Record<string, OpenAPIV3_1.MediaTypeObject>);
  if (media) media.example = value;
}
