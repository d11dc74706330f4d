import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Finished } from '../standing-daemon.ts';
import { folderOf, type Image, userOf } from './image.ts';

/** A process that runs in an image as in a container: own processes and network, read-only root, no capabilities. */
export interface Container {
  /** The first line that it prints. */
  readonly ready: Promise<string>;
  /** Runs something beside it, as `docker exec` does. */
  exec(...command: readonly string[]): Promise<Finished>;
  /** Starts something beside it that goes on until the container ends. */
  spawn(...command: readonly string[]): ChildProcess;
  /** As `docker stop` does. */
  stop(): Promise<number | null>;
}

const PATH = '/usr/local/bin:/usr/bin:/bin';
const AS_USER = 'setpriv --reuid $user --regid $user --init-groups --inh-caps=-all --bounding-set=-all';

/** Docker keeps the same things from a container: mounts that are not its own, writing to its root, capabilities. */
const START = `
root=$1 volume=$2 user=$3 folder=$4; shift 4
ip link set lo up
mount --bind $root $root
mount --rbind /dev $root/dev
mount -t proc proc $root/proc
mount -t tmpfs -o mode=1777 tmpfs $root/tmp
mount --bind $volume $root/home/node/.codex
mount -o remount,bind,ro $root
cd $root
pivot_root . mnt
umount -l mnt
exec chroot . ${AS_USER} env -i PATH=${PATH} HOME=/home/node sh -c 'cd "$0" && exec "$@"' $folder "$@"
`;

/** @param volume a folder that the container's user may write to, its `CODEX_HOME` */
export function startContainer(image: Image, volume: string, command: readonly string[]): Container {
  const { stage, root } = image;
  const inside = ['bash', '-euc', START, 'bash', root, volume, userOf(stage), folderOf(stage), ...command];
  const namespaces = ['unshare', '-m', '-n', '-p', '-f', '--kill-child', '--propagation', 'private'];
  const child = spawn('nsenter', ['-t', String(image.pid), '-m', ...namespaces, ...inside], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const ready = Promise.race([
    once(child.stdout, 'data').then(([data]) => String(data).trim()),
    ended.then(() => Promise.reject(new Error('the container ended'))),
  ]);
  ready.catch(() => {});
  const beside = (words: readonly string[]): ChildProcess => {
    const first = String(firstChildOf(child));
    const enter = [
      '-t',
      first,
      '-m',
      '-n',
      '-p',
      'env',
      '-i',
      `PATH=${PATH}`,
      'HOME=/home/node',
      `user=node`,
    ];
    const run = ['sh', '-c', `exec ${AS_USER} "$@"`, 'sh', ...words];
    return spawn('nsenter', [...enter, ...run], { stdio: ['ignore', 'pipe', 'pipe'] });
  };
  return {
    ready,
    spawn: (...words) => beside(words),
    exec: (...words) => finished(beside(words)),
    async stop() {
      process.kill(firstChildOf(child), 'SIGTERM');
      const [code] = await ended;
      return code;
    },
  };
}

/** Its pid outside; inside it is 1. */
function firstChildOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

async function finished(child: ChildProcess): Promise<Finished> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}
