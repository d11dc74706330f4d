import { Frame } from './frame.ts';

/** A notification of codexd's own, for clients that take its additions to the protocol. */
export class ExtensionFrame extends Frame {
  override get plain(): undefined {
    return undefined;
  }
}
