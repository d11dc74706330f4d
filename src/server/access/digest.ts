import { hash } from 'node:crypto';

/** SHA-256. Digests have one length, so that comparing them tells nothing about that of a secret. */
export const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
