import { describe, expect, it } from 'vitest';
import { eventsOfItem } from '../../../src/core/rollout/completed-item.ts';

const review = {
  findings: [],
  overall_correctness: '',
  overall_explanation: 'fine',
  overall_confidence_score: 0,
};
const call = { type: 'McpToolCall', id: 'c', server: 's', tool: 't', status: 'completed' };

describe('a completed item', () => {
  it.each([
    [
      'the words and the images of a message, but no files',
      {
        type: 'UserMessage',
        id: 'i',
        content: [
          { type: 'text', text: 'see ', text_elements: [] },
          { type: 'mention', name: 'm', path: '/m' },
          { type: 'local_image', path: '/i.png' },
          { type: 'image', image_url: 'data:,' },
          { type: 'text', text: 'this', text_elements: [] },
        ],
      },
      [{ type: 'user_message', message: 'see this', kind: 'plain', images: ['data:,'] }],
    ],
    [
      'a message without words',
      { type: 'UserMessage', content: [{ type: 'local_image', path: '/i.png' }] },
      [{ type: 'user_message', message: '', kind: 'plain' }],
    ],
    ['an answer without words', { type: 'AgentMessage', content: [{ type: 'Text', text: '' }] }, []],
    [
      'no raw thoughts',
      { type: 'Reasoning', summary_text: ['a'], raw_content: ['raw'] },
      [{ type: 'agent_reasoning', text: 'a' }],
    ],
    [
      'a patch that was refused',
      { type: 'FileChange', id: 'c', changes: {}, status: 'declined', stdout: null },
      [{ type: 'patch_apply_end', call_id: 'c', stdout: '', stderr: '', success: false }],
    ],
    [
      'a call that nobody timed',
      { ...call, result: { content: [] }, error: null },
      [
        {
          type: 'mcp_tool_call_end',
          call_id: 'c',
          invocation: { server: 's', tool: 't', arguments: null },
          duration: { secs: 0, nanos: 0 },
          result: { Ok: { content: [] } },
        },
      ],
    ],
    [
      'what a review found',
      { type: 'ExitedReviewMode', id: 'i', review_output: review },
      [{ type: 'exited_review_mode', review_output: review }],
    ],
    [
      'a review that found nothing out',
      { type: 'ExitedReviewMode', id: 'i', review_output: null },
      [{ type: 'exited_review_mode', review_output: null }],
    ],
  ])('stands for %s', (_what, item, events) => {
    expect(eventsOfItem(item)).toEqual(events);
  });

  it.each([
    ['a command, of which no event is stored', { type: 'CommandExecution', id: 'c', command: ['ls'] }],
    ['an unknown type', { type: 'Ghost' }],
    ['another shape', { type: 'AgentMessage', content: 'text' }],
    ['nothing', undefined],
  ])('stands for no event when it is %s', (_what, item) => {
    expect(eventsOfItem(item)).toEqual([]);
  });
});
