import { compare, type Difference } from './compare.ts';
import type { InteropCase } from './interop-case.ts';
import { playCase } from './play.ts';
import type { StartTarget } from './target.ts';
import type { Transcript } from './transcript.ts';

/** Plays a case against both and compares the parts it asks for. Throws when the reference itself breaks off. */
export async function compareCase(
  play: InteropCase,
  startReference: StartTarget,
  startSubject: StartTarget,
): Promise<Difference[]> {
  const plays = [
    playCase(play, startReference, startReference),
    playCase(play, startSubject, startReference),
  ] as const;
  // Even when one cannot start, the other one's processes and folders are to be gone at the end.
  await Promise.allSettled(plays);
  const [expected, got] = await Promise.all(plays);
  if (expected.failure !== undefined) throw new Error(`the reference broke off: ${expected.failure}`);
  return compare(partsOf(expected, play), partsOf(got, play));
}

function partsOf(transcript: Transcript, { compare: parts }: InteropCase): Partial<Transcript> {
  if (!parts) return transcript;
  const wanted = new Set<string>(['failure', ...parts]);
  return Object.fromEntries(Object.entries(transcript).filter(([part]) => wanted.has(part)));
}
