import { z } from 'zod';

/** What a client puts into a message. All items of one message become one user message for the model. */
export const InputItem = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('text'), data: z.object({ text: z.string() }) }),
    z.object({ type: z.literal('image'), data: z.object({ image_url: z.string() }) }),
    z.object({ type: z.literal('localImage'), data: z.object({ path: z.string() }) }),
  ])
  .meta({ id: 'InputItem' });
export type InputItem = z.infer<typeof InputItem>;

export const ContentItem = z
  .discriminatedUnion('type', [
    z.object({ type: z.literal('input_text'), text: z.string() }),
    z.object({ type: z.literal('input_image'), image_url: z.string() }),
    z.object({ type: z.literal('output_text'), text: z.string() }),
  ])
  .meta({ id: 'ContentItem' });
export type ContentItem = z.infer<typeof ContentItem>;

const ReasoningContent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('reasoning_text'), text: z.string() }),
  z.object({ type: z.literal('text'), text: z.string() }),
]);

export const MessageItem = z.object({
  type: z.literal('message'),
  role: z.string(),
  content: z.array(ContentItem),
});
export type MessageItem = z.infer<typeof MessageItem>;

export const ReasoningItem = z.object({
  type: z.literal('reasoning'),
  summary: z.array(z.object({ type: z.literal('summary_text'), text: z.string() })),
  content: z.array(ReasoningContent).nullish(),
  encrypted_content: z.string().nullish(),
});
export type ReasoningItem = z.infer<typeof ReasoningItem>;

export const FunctionCallItem = z.object({
  type: z.literal('function_call'),
  name: z.string(),
  arguments: z.string(),
  call_id: z.string(),
});
export type FunctionCallItem = z.infer<typeof FunctionCallItem>;

export const LocalShellCallItem = z.object({
  type: z.literal('local_shell_call'),
  call_id: z.string().nullish(),
  status: z.enum(['completed', 'in_progress', 'incomplete']),
  action: z.object({
    type: z.literal('exec'),
    command: z.array(z.string()),
    timeout_ms: z.number().nullish(),
    working_directory: z.string().nullish(),
    env: z.record(z.string(), z.string()).nullish(),
    user: z.string().nullish(),
  }),
});
export type LocalShellCallItem = z.infer<typeof LocalShellCallItem>;

export const CustomToolCallItem = z.object({
  type: z.literal('custom_tool_call'),
  status: z.string().optional(),
  call_id: z.string(),
  name: z.string(),
  input: z.string(),
});
export type CustomToolCallItem = z.infer<typeof CustomToolCallItem>;

export const FunctionCallOutputItem = z.object({
  type: z.literal('function_call_output'),
  call_id: z.string(),
  output: z.string(),
});

export const CustomToolCallOutputItem = z.object({
  type: z.literal('custom_tool_call_output'),
  call_id: z.string(),
  output: z.string(),
});

export const WebSearchCallItem = z.object({
  type: z.literal('web_search_call'),
  status: z.string().optional(),
  action: z.looseObject({ type: z.string(), query: z.string().optional() }),
});

/**
 * One entry of a conversation's history, as it is sent to the model and stored in the rollout. Item ids that the
 * model assigns are not part of it: they are never stored and never sent back (protocol-v1, section 9).
 */
export const ResponseItem = z
  .discriminatedUnion('type', [
    MessageItem,
    ReasoningItem,
    FunctionCallItem,
    FunctionCallOutputItem,
    CustomToolCallItem,
    CustomToolCallOutputItem,
    LocalShellCallItem,
    WebSearchCallItem,
  ])
  .meta({ id: 'ResponseItem' });
export type ResponseItem = z.infer<typeof ResponseItem>;
