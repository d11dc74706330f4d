const conversationId = '5973b6c0-94b8-487b-a530-2aeb6098ae0e';
const time = '2025-09-16T09:41:00.000Z';
const rolloutPath = `/home/ada/.codex/sessions/2025/09/16/rollout-2025-09-16T09-41-00-${conversationId}.jsonl`;

/** What the examples of the methods have in common: one conversation with the demo model. */
export const examples = {
  conversationId,
  subscriptionId: '67e55044-10b1-426f-9247-bb680e5fe0c8',
  approvalId: 'c2f7a1de-1f3b-4f3a-9a34-0e1f4d0f7b11',
  clientId: '0b9c7a52-6a3e-4a57-8f5d-6d9e2b1c3f40',
  eventId: '8f3c1a2b9d4e-17',
  time,
  rolloutPath,
  cursor: `2025-09-16T09-41-00|${conversationId}`,
  cwd: '/home/ada/project',
  model: 'gpt-5',
  userAgent: 'codex_cli_rs/0.36.0 (Debian 12.0.0; x86_64) unknown (my-client; 1.0.0)',
  input: [{ type: 'text' as const, data: { text: 'hello' } }],
  summary: { conversationId, path: rolloutPath, preview: 'hello', timestamp: time },
  messages: [{ type: 'user_message', message: 'hello', kind: 'plain' }],
};
