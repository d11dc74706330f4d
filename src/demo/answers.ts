/** One event of the Responses API, sent as `event: TYPE` and its JSON as `data:`. */
export type SseEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** What the server does in the middle of a stream, instead of sending an event. */
export type Directive =
  | { readonly directive: 'wait'; readonly until: PromiseLike<unknown> }
  | { readonly directive: 'raw'; readonly bytes: string | Uint8Array }
  | { readonly directive: 'drop' }
  | { readonly directive: 'hang' };

export type Step = SseEvent | Directive;

/** A plain HTTP answer. A `body` that is no string is sent as JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/**
 * The steps of an SSE stream, which ends after the last of them, or a plain HTTP answer. `drop()` and `hang()` as an
 * answer act before any header is sent.
 */
export type Answer = Iterable<Step> | AsyncIterable<Step> | HttpAnswer | Directive;

/** Sends nothing more before the promise is settled. */
export function wait(until: PromiseLike<unknown>): Directive {
  return { directive: 'wait', until };
}

/** Sends bytes as they are, SSE or not. */
export function raw(bytes: string | Uint8Array): Directive {
  return { directive: 'raw', bytes };
}

/** Destroys the connection, once everything before it has been handed to the system. */
export function drop(): Directive {
  return { directive: 'drop' };
}

/** Keeps the stream open and silent until the client or the server closes it. */
export function hang(): Directive {
  return { directive: 'hang' };
}

export function isDirective(value: Step | Answer): value is Directive {
  return 'directive' in value;
}

export function isHttpAnswer(answer: Answer): answer is HttpAnswer {
  return 'status' in answer;
}
