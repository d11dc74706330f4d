import type { Answer } from '../../../src/demo/answers.ts';
import type { RecordedRequest } from '../../../src/demo/recording.ts';
import type { Stage } from './stage.ts';
import type { Transcript } from './transcript.ts';

/** An answer of the model, or what makes one for the request at hand. */
export type ScriptedAnswer = Answer | ((stage: Stage, request: RecordedRequest) => Answer | Promise<Answer>);

export interface InteropCase {
  /** A sentence about the behaviour. Names are unique. */
  readonly name: string;
  /** The model's answers to the requests in order, or one function for all of them. */
  readonly answers?: readonly ScriptedAnswer[] | Extract<ScriptedAnswer, (...args: never) => unknown>;
  /** Merged over the default `config.toml`, table by table; `null` takes a key away. */
  readonly config?: ConfigChange | ((stage: Stage) => ConfigChange);
  /** Who is on the stage first; the target by default. */
  readonly begins?: 'target' | 'reference';
  /** Added to the target's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly play: (stage: Stage) => Promise<void>;
  /** The parts of the transcript to compare; all by default. */
  readonly compare?: readonly (keyof Transcript)[];
}

export interface ConfigChange {
  readonly [key: string]: ConfigValue | ConfigValue[] | ConfigChange | null;
}

type ConfigValue = string | number | boolean;
