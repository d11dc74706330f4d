import type { ToolSpec } from '../model/types.ts';
import { reduceSchema } from './schema.ts';
import type { ListedTool } from './tool-list.ts';

/**
 * A tool as the model is told of it. Of the outermost schema only type, properties and required names count (observed).
 * @throws {UnsupportedSchemaError}
 */
export function toToolSpec(qualifiedName: string, { description, inputSchema }: ListedTool): ToolSpec {
  const { type, properties, required } = inputSchema;
  return {
    type: 'function',
    name: qualifiedName,
    description: description ?? '',
    strict: false,
    parameters: reduceSchema({ type, properties: properties ?? {}, required }),
  };
}
