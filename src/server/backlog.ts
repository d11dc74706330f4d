/** Bytes that may wait for all clients together (SEC-SLOW-2). */
export const MAX_BACKLOG = 256 * 1024 * 1024;

/** What waits for one client, as a part of what waits for all. */
export interface Share {
  /** @param bytes that wait now */
  set(bytes: number): void;
  /** Counts no more. */
  leave(): void;
}

/** What waits for all clients together. When it is too much, the client for which most waits is cut off. */
export interface Backlog {
  /** @param cutOff closes the connection; not called after the share has left */
  join(cutOff: () => void): Share;
}

interface Member {
  bytes: number;
  readonly cutOff: () => void;
}

export function createBacklog(limit: number = MAX_BACKLOG): Backlog {
  const members = new Set<Member>();
  let total = 0;

  function leave(member: Member): void {
    if (members.delete(member)) total -= member.bytes;
  }

  function cutLargest(): void {
    const largest = [...members].reduce((most, member) => (member.bytes > most.bytes ? member : most));
    leave(largest);
    largest.cutOff();
  }

  return {
    join(cutOff) {
      const member = { bytes: 0, cutOff };
      members.add(member);
      return {
        set(bytes) {
          if (!members.has(member)) return;
          total += bytes - member.bytes;
          member.bytes = bytes;
          if (total > limit) cutLargest();
        },
        leave: () => leave(member),
      };
    },
  };
}
