import { describe, expect, test } from 'vitest';
import { openDaemonWorld } from '../support/lifecycle/daemon-world.ts';
import { drainAfter } from '../support/lifecycle/draining.ts';
import { SITUATIONS, type Stage, type State } from '../support/lifecycle/situations.ts';
import { storeConversation } from '../support/lifecycle/stored-files.ts';
import { readTable, writeRow } from '../support/lifecycle/table.ts';
import { COMMANDS } from '../support/lifecycle/table-commands.ts';
import { asSeen, tryRow } from '../support/lifecycle/trial.ts';

/**
 * Every command in every state: how it is answered (the reason word; `ok` is a success), what state the conversation is
 * in afterwards (`=` is the same), and what its listeners hear of the ends of turns and of the conversation itself.
 *
 * - never: nobody knows the id
 * - stored, archived: a file that is not loaded; copied: loaded from a copy of it
 * - idle, listened: loaded, without listeners and with some; resumed: the same for an archived file, in its place
 * - turn, command, approval: a turn that waits for the model, for a command, for consent
 * - shutting-down: on its way into the archive; draining: a turn in a daemon that is about to end
 */
const TABLE = `
get                    | never                                         | conversation_not_found        | =        |
get                    | stored archived idle listened resumed         | ok                            | =        |
get                    | turn command approval draining                | ok                            | =        |
get                    | shutting-down                                 | ok                            | archived | turn_aborted shutdown_complete

list                   | never archived resumed                        | unlisted                      | =        |
list                   | stored idle listened turn command approval    | listed                        | =        |
list                   | draining                                      | listed                        | =        |
list                   | shutting-down                                 | listed                        | archived | turn_aborted shutdown_complete

list archived          | never stored idle listened turn command       | unlisted                      | =        |
list archived          | approval draining                             | unlisted                      | =        |
list archived          | archived resumed                              | listed                        | =        |
list archived          | shutting-down                                 | unlisted                      | archived | turn_aborted shutdown_complete

resume                 | never                                         | rollout_io                    | =        |
resume                 | stored                                        | ok                            | idle     |
resume                 | archived                                      | ok                            | resumed  |
resume                 | idle listened resumed turn command approval   | ok                            | =        |
resume                 | shutting-down                                 | rollout_io                    | archived | turn_aborted shutdown_complete
resume                 | draining                                      | draining                      | =        |

resume a copy          | never                                         | rollout_io                    | =        |
resume a copy          | stored archived                               | ok                            | copied   |
resume a copy          | idle listened resumed turn command approval   | conversation_loaded_elsewhere | =        |
resume a copy          | shutting-down                                 | ok                            | copied   | turn_aborted shutdown_complete
resume a copy          | draining                                      | draining                      | =        |

archive                | never                                         | path_outside_sessions         | =        |
archive                | archived resumed                              | already_archived              | =        |
archive                | stored idle                                   | ok                            | archived |
archive                | listened                                      | ok                            | archived | shutdown_complete
archive                | turn command draining                         | ok                            | archived | turn_aborted shutdown_complete
archive                | approval                                      | ok                            | archived | approvalResolved turn_aborted shutdown_complete
archive                | shutting-down                                 | already_archived              | archived | turn_aborted shutdown_complete

archive another's file | never stored archived idle listened resumed   | path_id_mismatch              | =        |
archive another's file | turn command approval draining                | path_id_mismatch              | =        |
archive another's file | shutting-down                                 | path_id_mismatch              | archived | turn_aborted shutdown_complete

unarchive              | never                                         | conversation_not_found        | =        |
unarchive              | archived resumed                              | ok                            | stored   |
unarchive              | stored idle listened turn command approval    | not_archived                  | =        |
unarchive              | draining                                      | not_archived                  | =        |
unarchive              | shutting-down                                 | ok                            | stored   | turn_aborted shutdown_complete

message                | never stored archived                         | conversation_not_found        | =        |
message                | idle resumed                                  | ok                            | =        |
message                | listened                                      | ok                            | =        | task_complete
message                | turn command approval                         | ok                            | =        |
message                | shutting-down                                 | conversation_not_found        | archived | turn_aborted shutdown_complete
message                | draining                                      | draining                      | =        |

turn                   | never stored archived                         | conversation_not_found        | =        |
turn                   | idle resumed                                  | ok                            | =        |
turn                   | listened                                      | ok                            | =        | task_complete
turn                   | turn command approval                         | ok                            | =        |
turn                   | shutting-down                                 | conversation_not_found        | archived | turn_aborted shutdown_complete
turn                   | draining                                      | draining                      | =        |

interrupt              | never stored archived                         | conversation_not_found        | =        |
interrupt              | idle listened resumed                         | ok                            | =        |
interrupt              | turn command draining                         | ok                            | idle     | turn_aborted
interrupt              | approval                                      | ok                            | idle     | approvalResolved turn_aborted
interrupt              | shutting-down                                 | conversation_not_found        | archived | turn_aborted shutdown_complete

listen                 | never stored archived                         | conversation_not_found        | =        |
listen                 | idle listened resumed turn command approval   | ok                            | =        |
listen                 | draining                                      | ok                            | =        |
listen                 | shutting-down                                 | conversation_not_found        | archived | turn_aborted shutdown_complete

unlisten               | never stored archived                         | subscription_not_found        | =        |
unlisten               | idle listened resumed turn command approval   | ok                            | =        |
unlisten               | draining                                      | ok                            | =        |
unlisten               | shutting-down                                 | ok                            | archived | turn_aborted shutdown_complete

unlisten twice         | never stored archived idle listened resumed   | subscription_not_found        | =        |
unlisten twice         | turn command approval draining                | subscription_not_found        | =        |
unlisten twice         | shutting-down                                 | subscription_not_found        | archived | turn_aborted shutdown_complete

answer                 | never stored archived idle listened resumed   | approval_not_found            | =        |
answer                 | turn command draining                         | approval_not_found            | =        |
answer                 | approval                                      | ok                            | idle     | approvalResolved task_complete
answer                 | shutting-down                                 | approval_not_found            | archived | turn_aborted shutdown_complete

answer twice           | never stored archived idle listened resumed   | approval_not_found            | =        |
answer twice           | turn command draining                         | approval_not_found            | =        |
answer twice           | approval                                      | approval_already_answered     | idle     | approvalResolved task_complete
answer twice           | shutting-down                                 | approval_not_found            | archived | turn_aborted shutdown_complete

answer unknown         | never stored archived idle listened resumed   | approval_not_found            | =        |
answer unknown         | turn command approval draining                | approval_not_found            | =        |
answer unknown         | shutting-down                                 | approval_not_found            | archived | turn_aborted shutdown_complete
`;

const ROWS = readTable(TABLE);
const STATES = Object.keys(SITUATIONS) as State[];

test('the table has one line for each command in each state', () => {
  const pairs = ROWS.map(({ command, state }) => `${command} | ${state}`);
  const wanted = Object.keys(COMMANDS).flatMap((command) => STATES.map((state) => `${command} | ${state}`));
  expect(pairs.sort()).toEqual(wanted.sort());
});

describe('REL-LC-10, REL-LC-13: every command, over WebSocket and over REST, for a conversation that is', () => {
  test.each(STATES)('%s', { timeout: 60_000 }, async (state) => {
    const rows = ROWS.filter((row) => row.state === state).map(asSeen);
    const world = await openDaemonWorld('[server]\ndrain_seconds = 50\n');
    const [first, , last] = world.callers;
    const names: string[] = [];
    const tries = [first, last].flatMap((caller) => rows.map((row) => ({ row, caller })));
    const stage: Stage = {
      world,
      observer: await world.daemon.connect(),
      nextName: () => `turn-${names.push('')}`,
      reached: state === 'draining' ? drainAfter(tries.length, world.daemon) : async () => {},
    };
    const other = storeConversation(world.home, 'sessions');
    const setting = { otherPath: other.sessions, cwd: world.cwd };
    const seen = await Promise.all(tries.map(({ row, caller }) => tryRow(row, caller, stage, setting)));
    const wanted = tries.map(({ row }) => row);
    expect(seen.map(writeRow)).toEqual(wanted.map(writeRow));
  });
});
