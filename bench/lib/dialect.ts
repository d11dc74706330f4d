import type { Contender } from './peer.ts';

/** How one generation of the protocol says what is measured. */
export type Dialect = Omit<Contender, 'name' | 'start' | 'smallRoute'>;

export const CLIENT = { name: 'bench', version: '1.0.0' };

/** Conversations on a page of a list. */
export const PAGE_SIZE = 25;
