import type { OutputFlags } from '../output.ts';
import type { StartFlags } from '../start-daemon.ts';

export interface ConversationFlags extends OutputFlags, StartFlags {}
