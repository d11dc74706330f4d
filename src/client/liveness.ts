const INTERVAL_MS = 30_000;

export interface LivenessOptions {
  /** Makes the daemon say something. */
  ask(): void;
  /** It has said nothing for a whole interval since it was asked. */
  onSilence(): void;
}

export interface Liveness {
  heard(): void;
  stop(): void;
}

/** Notices that the other side is gone without a word, which a socket alone does not tell. */
export function watchLiveness({ ask, onSilence }: LivenessOptions): Liveness {
  let silent = false;
  let asked = false;
  const timer = setInterval(() => {
    if (!silent) {
      silent = true;
      asked = false;
      return;
    }
    if (asked) return onSilence();
    asked = true;
    ask();
  }, INTERVAL_MS);
  return {
    heard() {
      silent = false;
      asked = false;
    },
    stop: () => clearInterval(timer),
  };
}
