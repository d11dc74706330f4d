export type ConversationErrorKind = 'not_found' | 'shut_down' | 'draining';

/** Why a conversation cannot do what was asked of it. */
export class ConversationError extends Error {
  readonly kind: ConversationErrorKind;

  constructor(kind: ConversationErrorKind, message: string) {
    super(message);
    this.name = 'ConversationError';
    this.kind = kind;
  }
}
