/** The largest place up to `end` that does not split a UTF-8 character. */
export function wholeCharactersEnd(bytes: Uint8Array, end: number): number {
  let lead = end - 1;
  while (lead >= 0 && lead > end - 4 && isContinuation(bytes[lead])) lead--;
  return lead >= 0 && lead + sequenceLength(bytes[lead] ?? 0) > end ? lead : end;
}

/** The first place from `start` on where a UTF-8 character begins. */
export function nextCharacterStart(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && at < start + 3 && isContinuation(bytes[at])) at++;
  return at;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc0 ? 2 : 1;
}
