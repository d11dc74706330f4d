import { Frame } from './frame.ts';

/** A notification that one client gets because of what it asked, before the answer itself. */
export class AnswerFrame extends Frame {
  override get isAnswer(): true {
    return true;
  }
}
