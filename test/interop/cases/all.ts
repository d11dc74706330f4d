import type { InteropCase } from '../harness/interop-case.ts';
import { approvalTable } from './approval-table.ts';
import { archiving } from './archiving.ts';
import { compaction } from './compaction.ts';
import { execApprovals } from './exec-approvals.ts';
import { failures } from './failures.ts';
import { interrupts } from './interrupts.ts';
import { listeners } from './listeners.ts';
import { listing } from './listing.ts';
import { logins } from './logins.ts';
import { mcpTools } from './mcp-tools.ts';
import { oneOffCommands } from './one-off-commands.ts';
import { otherTools } from './other-tools.ts';
import { patchEffects } from './patch-effects.ts';
import { patches } from './patches.ts';
import { plainTurns } from './plain-turns.ts';
import { relays } from './relays.ts';
import { remoteDiffs } from './remote-diffs.ts';
import { resumedFiles } from './resumed-files.ts';
import { resumedHistory } from './resumed-history.ts';
import { resumedMessages } from './resumed-messages.ts';
import { resuming } from './resuming.ts';
import { sandboxes } from './sandboxes.ts';
import { savedSettings } from './saved-settings.ts';
import { server } from './server.ts';
import { settings } from './settings.ts';
import { shell } from './shell.ts';
import { surroundings } from './surroundings.ts';
import { takingOver } from './taking-over.ts';
import { todaysFiles } from './todays-files.ts';
import { turnSettings } from './turn-settings.ts';
import { userItems } from './user-items.ts';

export const ALL_CASES: readonly InteropCase[] = [
  ...plainTurns,
  ...userItems,
  ...turnSettings,
  ...shell,
  ...otherTools,
  ...settings,
  ...logins,
  ...savedSettings,
  ...remoteDiffs,
  ...surroundings,
  ...execApprovals,
  ...patches,
  ...patchEffects,
  ...sandboxes,
  ...approvalTable,
  ...mcpTools,
  ...compaction,
  ...interrupts,
  ...failures,
  ...listeners,
  ...listing,
  ...archiving,
  ...resuming,
  ...resumedMessages,
  ...resumedFiles,
  ...resumedHistory,
  ...todaysFiles,
  ...relays,
  ...takingOver,
  ...oneOffCommands,
  ...server,
];
