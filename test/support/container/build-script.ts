import { type Instruction, lastOf, type Stage, wordsOf } from './dockerfile.ts';

export interface Places {
  /** A root file system that stands in for the base image. */
  readonly base: string;
  /** The files that the build may copy. */
  readonly context: string;
  /** Where each stage gets a folder for what it writes. */
  readonly scratch: string;
  /** Where downloads are kept between builds. */
  readonly cache: string;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Variables that the build has besides those of the image: without them some machines cannot download. */
const PASSED_ON = /^(https?_proxy|no_proxy|node_extra_ca_certs|ssl_cert_file)$/i;

/** A shell script that carries out the stages one after the other, each in a root file system of its own. */
export function buildScript(stages: readonly Stage[], places: Places): string {
  return ['set -eu', ...stages.flatMap((stage) => buildStage(stage, places))].join('\n');
}

export const rootOf = (places: Places, name: string): string => `${places.scratch}/${name}/root`;

function buildStage(stage: Stage, places: Places): string[] {
  const root = rootOf(places, stage.name);
  const [upper, work] = [`${places.scratch}/${stage.name}/upper`, `${places.scratch}/${stage.name}/work`];
  let folder = '/';
  let user = 'root';
  return [
    `mkdir -p ${root} ${upper} ${work}`,
    `mount -t overlay overlay -o lowerdir=${places.base},upperdir=${upper},workdir=${work} ${root}`,
    `mount --rbind /dev ${root}/dev; mount -t proc proc ${root}/proc; mount -t tmpfs -o mode=1777 tmpfs ${root}/tmp`,
    `mkdir ${root}/tmp/cache; mount --bind ${quoted(places.cache)} ${root}/tmp/cache`,
    ...stage.instructions.flatMap((instruction) => {
      if (instruction.word === 'WORKDIR') folder = instruction.rest;
      if (instruction.word === 'USER') user = instruction.rest;
      return step(instruction, { root, folder, user }, places);
    }),
    `umount ${root}/tmp/cache ${root}/tmp ${root}/proc; umount -l ${root}/dev`,
  ];
}

interface Where {
  readonly root: string;
  readonly folder: string;
  readonly user: string;
}

function step({ word, rest }: Instruction, where: Where, places: Places): string[] {
  const echo = `echo ${quoted(`${word} ${rest}`)}`;
  if (word === 'RUN') return [echo, runStep(rest, where)];
  if (word === 'COPY') return [echo, copyStep(rest, where, places)];
  if (word === 'WORKDIR') return [`mkdir -p ${where.root}${where.folder}`];
  return [];
}

function runStep(command: string, { root, folder, user }: Where): string {
  const variables = [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `HOME=${user === 'root' ? '/root' : `/home/${user}`}`,
    'DEBIAN_FRONTEND=noninteractive',
    'npm_config_cache=/tmp/cache',
    'npm_config_prefer_offline=true',
    ...Object.entries(process.env).flatMap(([name, value]) =>
      PASSED_ON.test(name) ? [`${name}=${value}`] : [],
    ),
  ];
  const inside = `cd ${folder} && ${command}`;
  return `chroot --userspec=${user}:${user} ${root} /usr/bin/env -i ${variables.map(quoted).join(' ')} /bin/sh -c ${quoted(inside)} < /dev/null`;
}

function copyStep(rest: string, { root, folder }: Where, places: Places): string {
  const words = rest.split(/\s+/);
  const from = words[0]?.startsWith('--from=') ? rootOf(places, words.shift()?.slice(7) ?? '') : undefined;
  const given = words.pop() ?? '';
  const target = `${root}${given.startsWith('/') ? given : `${folder}/${given}`}`;
  const sources = words.map((word) => (from === undefined ? `${places.context}/${word}` : `${from}${word}`));
  if (words[0] === '.') return `cp -a ${places.context}/. ${target}`;
  const folderOf = given.endsWith('/') ? target : '"$(dirname "$target")"';
  return `target=${target}; mkdir -p ${folderOf}; cp -a ${sources.join(' ')} "$target"`;
}

/** What `docker run` starts without further words. */
export function startCommand(stage: Stage): string[] {
  return [...wordsOf(lastOf(stage, 'ENTRYPOINT')), ...wordsOf(lastOf(stage, 'CMD'))];
}
