import { checkFiles, type Place } from './bench.ts';
import { checkRestart, checkUnknown } from './check-restart.ts';
import type { DaemonHost } from './daemon-host.ts';
import { useAgain } from './scenario.ts';
import { openSocketDoor } from './socket-door.ts';
import { readWreck, takeStock } from './wreck.ts';

/**
 * In words, what the next daemon, on files that do not fail, makes wrong of what the last one has left.
 * @param wreckHome where those files are as they were at first, when somebody has tried to see to them meanwhile
 */
export async function checkNextStart(
  place: Place,
  host: DaemonHost,
  wreckHome: string = place.home,
): Promise<string[]> {
  const { root, home, course } = place;
  const wreck = readWreck(wreckHome, course.ledgers);
  const address = await host.start(root);
  const faults = [
    ...(await checkRestart(home, course.ledgers, wreck)),
    ...checkUnknown(home, course.ledgers),
  ];
  const door = await openSocketDoor(address, 'unix');
  for (const ledger of course.ledgers) {
    takeStock(home, ledger);
    await useAgain(door, ledger, course);
  }
  door.close();
  await host.stop();
  return [...faults, ...checkFiles(place)];
}
