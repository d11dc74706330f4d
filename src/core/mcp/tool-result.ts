import { z } from 'zod';

const optional = <S extends z.ZodType>(schema: S) =>
  schema.nullish().transform((value) => value ?? undefined);
const text = () => optional(z.string());

const annotations = () =>
  optional(
    z.object({
      audience: optional(z.array(z.enum(['user', 'assistant']))),
      lastModified: text(),
      priority: optional(z.number()),
    }),
  );

const Text = z.object({ annotations: annotations(), text: z.string(), type: z.string() });

const Media = z.object({
  annotations: annotations(),
  data: z.string(),
  mimeType: z.string(),
  type: z.string(),
});

const ResourceLink = z.object({
  annotations: annotations(),
  description: text(),
  mimeType: text(),
  name: z.string(),
  size: optional(z.int()),
  title: text(),
  type: z.string(),
  uri: z.string(),
});

const Resource = z.union([
  z.object({ mimeType: text(), text: z.string(), uri: z.string() }),
  z.object({ blob: z.string(), mimeType: text(), uri: z.string() }),
]);

const EmbeddedResource = z.object({ annotations: annotations(), resource: Resource, type: z.string() });

const Content = z.union([Text, Media, ResourceLink, EmbeddedResource]);

/**
 * The answer to `tools/call`, as clients and models are shown it: members in the order in which they are written, those
 * that are not named dropped, content of the first kind whose members fit, whatever its `type` says (observed).
 */
export const ToolResult = z.object({
  content: z.array(Content),
  isError: optional(z.boolean()),
  structuredContent: optional(z.unknown()),
});
export type ToolResult = z.infer<typeof ToolResult>;

/** What the model sees of a result, failed or not (protocol-v1, section 13). */
export function outputText({ content, structuredContent }: ToolResult): string {
  return JSON.stringify(structuredContent ?? content);
}
