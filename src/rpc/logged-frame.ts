import { Frame } from './frame.ts';
import type { JsonMembers } from './json-members.ts';

/** An event of a log, which knows its number; its id is written when somebody wants it. */
export class LoggedFrame extends Frame {
  readonly #idOf: (sequence: number) => string;
  readonly #sequence: number;

  constructor(
    method: string,
    params: object | JsonMembers,
    idOf: (sequence: number) => string,
    sequence: number,
  ) {
    super(method, params);
    this.#idOf = idOf;
    this.#sequence = sequence;
  }

  override get eventId(): string {
    return this.#idOf(this.#sequence);
  }
}
