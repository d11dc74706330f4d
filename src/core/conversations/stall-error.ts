/** Nothing would ever have ended the turn: a fault of ours. */
export class StallError extends Error {
  constructor() {
    super('internal_stall: the turn had come to a standstill; the log of the daemon says where');
    this.name = 'StallError';
  }
}
