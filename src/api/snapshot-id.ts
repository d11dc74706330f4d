/**
 * Event id of a snapshot that was read from a rollout of so many bytes. Loading the conversation from those very bytes
 * makes it the place before the first event.
 */
export const storedSnapshotId = (size: number): string => `stored-${size}`;
