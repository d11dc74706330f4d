/** Batches that are looked at again; clients that keep up are all sent the same one. */
const KEPT = 4;
/** Bytes beyond which a message is passed on instead of being copied into a batch. */
const LARGE = 64 * 1024;

/** Puts messages together for one write; `head` gives what goes before each. */
export type JoinMessages = (messages: readonly Buffer[]) => readonly Buffer[];

/** Those who are sent the same messages at the same time share the bytes. */
export function sharedBatches(head: (message: Buffer) => Buffer | undefined): JoinMessages {
  const recent: { messages: readonly Buffer[]; joined: readonly Buffer[] }[] = [];
  const chunksOf = (message: Buffer): Buffer[] => {
    const start = head(message);
    return start ? [start, message] : [message];
  };
  return (messages) => {
    const [only] = messages;
    if (only && messages.length === 1 && only.length > LARGE) return chunksOf(only);
    const known = recent.find((each) => isSame(each.messages, messages));
    if (known) return known.joined;
    const joined = [Buffer.concat(messages.flatMap(chunksOf))];
    recent.unshift({ messages, joined });
    recent.length = Math.min(recent.length, KEPT);
    return joined;
  };
}

const isSame = (a: readonly Buffer[], b: readonly Buffer[]): boolean =>
  a.length === b.length && a.every((message, index) => message === b[index]);
