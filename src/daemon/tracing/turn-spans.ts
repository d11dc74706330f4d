import type * as Api from '@opentelemetry/api';
import type { EventMsg } from '../../protocol/vocabulary/events.ts';

export interface TurnSpans {
  /** The span of the conversation's turn, to put a model request into; the first one goes out before the turn is told. */
  contextOf(conversationId: string): Api.Context;
  /** A model request is over. If nobody was told of its turn, there was none. */
  requestEnded(conversationId: string): void;
  tell(conversationId: string, msg: EventMsg): void;
  /** The conversation is unloaded. */
  forget(conversationId: string): void;
}

interface Turn {
  readonly span: Api.Span;
  readonly context: Api.Context;
  /** Clients have heard that it began. */
  isTold: boolean;
  /** By the id of their call. */
  readonly tools: Map<string, Api.Span>;
}

/** A turn begins within the request that starts it, and goes on after its answer. */
export function createTurnSpans(api: typeof Api, tracer: Api.Tracer): TurnSpans {
  const { context, trace, SpanStatusCode } = api;
  const turns = new Map<string, Turn>();

  function open(conversationId: string): Turn {
    const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.conversation.id': conversationId };
    const span = tracer.startSpan('turn', { attributes });
    const turn = { span, context: trace.setSpan(context.active(), span), isTold: false, tools: new Map() };
    turns.set(conversationId, turn);
    return turn;
  }

  function begin(conversationId: string): void {
    if (turns.get(conversationId)?.isTold) end(conversationId, 'replaced');
    const turn = turns.get(conversationId) ?? open(conversationId);
    turn.isTold = true;
  }

  function end(conversationId: string, failure?: string): void {
    const turn = turns.get(conversationId);
    if (!turn) return;
    turns.delete(conversationId);
    for (const tool of turn.tools.values()) tool.end();
    if (failure !== undefined) {
      turn.span.setAttribute('error.type', failure);
      turn.span.setStatus({ code: SpanStatusCode.ERROR });
    }
    turn.span.end();
  }

  function beginTool(turn: Turn | undefined, callId: string, tool: string): void {
    if (!turn) return;
    const attributes = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': tool,
      'gen_ai.tool.call.id': callId,
    };
    turn.tools.set(callId, tracer.startSpan(`execute_tool ${tool}`, { attributes }, turn.context));
  }

  function endTool(turn: Turn | undefined, callId: string): void {
    turn?.tools.get(callId)?.end();
    turn?.tools.delete(callId);
  }

  return {
    contextOf: (conversationId) => (turns.get(conversationId) ?? open(conversationId)).context,
    requestEnded(conversationId) {
      if (turns.get(conversationId)?.isTold === false) end(conversationId, 'not_begun');
    },
    forget: (conversationId) => end(conversationId, 'unloaded'),
    tell(conversationId, msg) {
      const turn = turns.get(conversationId);
      switch (msg.type) {
        case 'task_started':
          return begin(conversationId);
        case 'task_complete':
          return end(conversationId);
        case 'turn_aborted':
          return end(conversationId, 'aborted');
        case 'exec_command_begin':
          return beginTool(turn, msg.call_id, 'shell');
        case 'patch_apply_begin':
          return beginTool(turn, msg.call_id, 'apply_patch');
        case 'mcp_tool_call_begin':
          return beginTool(turn, msg.call_id, `${msg.invocation.server}.${msg.invocation.tool}`);
        case 'exec_command_end':
        case 'patch_apply_end':
        case 'mcp_tool_call_end':
          return endTool(turn, msg.call_id);
      }
    },
  };
}
