import type { InteropCase } from './interop-case.ts';
import { setStage } from './stage.ts';
import type { StartTarget } from './target.ts';
import { type Transcript, transcriptOf } from './transcript.ts';

/** Plays a case against a target. A play that breaks off gives what happened up to then, and the `failure`. */
export async function playCase(
  play: InteropCase,
  start: StartTarget,
  startReference: StartTarget,
): Promise<Transcript> {
  const theatre = await setStage(play, start, startReference);
  try {
    const failure = await play.play(theatre.stage).then(
      () => undefined,
      (error: unknown) => error ?? 'rejected with nothing',
    );
    await theatre.stage.settled();
    return transcriptOf(theatre, failure);
  } finally {
    await theatre.close();
  }
}
