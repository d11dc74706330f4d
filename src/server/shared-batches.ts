/** Batches that are looked at again; clients that keep up are all sent the same one. */
const KEPT = 4;
/** Bytes beyond which a message is passed on instead of being copied into a batch. */
const LARGE = 64 * 1024;

/** A message, long ones in pieces. */
export type Outgoing = Buffer | readonly Buffer[];

export const sizeOf = (message: Outgoing): number =>
  Buffer.isBuffer(message) ? message.length : message.reduce((sum, { length }) => sum + length, 0);

/** Puts messages together for one write; `head` gives what goes before each. */
export type JoinMessages = (messages: readonly Outgoing[]) => readonly Buffer[];

/** Those who are sent the same messages at the same time share the bytes. */
export function sharedBatches(head: (size: number) => Buffer | undefined): JoinMessages {
  const recent: { messages: readonly Outgoing[]; joined: readonly Buffer[] }[] = [];
  const chunksOf = (message: Outgoing): Buffer[] => {
    const start = head(sizeOf(message));
    const pieces = Buffer.isBuffer(message) ? [message] : message;
    return start ? [start, ...pieces] : [...pieces];
  };
  return (messages) => {
    const [only] = messages;
    if (only && messages.length === 1 && sizeOf(only) > LARGE) return chunksOf(only);
    const known = recent.find((each) => isSame(each.messages, messages));
    if (known) return known.joined;
    const joined = [Buffer.concat(messages.flatMap(chunksOf))];
    recent.unshift({ messages, joined });
    recent.length = Math.min(recent.length, KEPT);
    return joined;
  };
}

const isSame = (a: readonly Outgoing[], b: readonly Outgoing[]): boolean =>
  a.length === b.length && a.every((message, index) => message === b[index]);
