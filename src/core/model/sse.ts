import { createParser } from 'eventsource-parser';
import { ModelError } from './types.ts';

/** Characters that one event may have; a stream that exceeds it is broken or hostile. */
const MAX_EVENT_LENGTH = 64 * 1024 * 1024;

/** Turns the bytes of an event stream into the `data` of its events. */
export interface EventDecoder {
  /** The events that the chunk completes. Throws `ModelError` for one that is too large. */
  push(chunk: Uint8Array): string[];
}

/** Chunks may be cut anywhere, inside a character or a line end as well. Bytes that are no UTF-8 become U+FFFD. */
export function createEventDecoder(): EventDecoder {
  const decoder = new TextDecoder();
  let events: string[] = [];
  let tooLarge = false;
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: ({ data }) => events.push(data),
    onError: ({ type }) => {
      tooLarge ||= type === 'max-buffer-size-exceeded';
    },
  });
  return {
    push(chunk) {
      parser.feed(decoder.decode(chunk, { stream: true }));
      if (tooLarge) throw eventTooLarge();
      const complete = events;
      events = [];
      return complete;
    },
  };
}

function eventTooLarge(): ModelError {
  const limit = `${MAX_EVENT_LENGTH / 1024 / 1024} Mi characters`;
  return new ModelError(`stream disconnected before completion: an event is longer than ${limit}`, {
    retryable: false,
  });
}
