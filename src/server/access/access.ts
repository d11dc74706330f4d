/** How a request proved that it may come in. `nothing`: what it asks for is public. */
export interface Access {
  readonly via: 'nothing' | 'file' | 'token' | 'session';
  /** Aborted when the credential ends; whatever the request opened ends with it. */
  readonly ended: AbortSignal;
}

const NEVER = new AbortController().signal;

export const PUBLIC_ACCESS: Access = { via: 'nothing', ended: NEVER };
/** The permissions of the unix socket's file stand in for a credential. */
export const FILE_ACCESS: Access = { via: 'file', ended: NEVER };

/** Calls back once when the credential ends, at once if it has. Returns what takes the wish back. */
export function whenEnded({ ended }: Access, callback: () => void): () => void {
  if (ended.aborted) callback();
  else ended.addEventListener('abort', callback, { once: true });
  return () => ended.removeEventListener('abort', callback);
}
