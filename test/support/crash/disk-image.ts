import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Random } from '../soak/random.ts';
import {
  applyEdit,
  type DirectoryNode,
  type DiskModel,
  type DiskNode,
  type FileNode,
  type NameChange,
} from './disk-model.ts';

/**
 * What a power cut leaves of what was not synced: `nothing`, or `some`: of each directory's changes the first ones, and of
 * each file what chance has made of it.
 */
export type Loss = 'nothing' | 'some';

/** One state of a disk: paths below its root, `undefined` for a directory; equal keys are names of one file. */
export type DiskImage = ReadonlyMap<string, { readonly key: object; readonly bytes: Buffer } | undefined>;

export function takeImage({ root, changes }: DiskModel, loss: Loss, random: Random): DiskImage {
  const kept = changes.filter(keeper(changes, loss, random));
  const contents = new Map<FileNode, Buffer>();
  const image = new Map<string, { key: object; bytes: Buffer } | undefined>();
  const visit = (node: DirectoryNode, place: string): void => {
    for (const [name, child] of namesIn(node, kept)) {
      const file = path.join(place, name);
      image.set(file, undefined);
      if (child.kind === 'directory') visit(child, file);
      else {
        const bytes = contents.get(child) ?? survivor(child, loss, random);
        contents.set(child, bytes);
        image.set(file, { key: child, bytes });
      }
    }
  };
  visit(root, '');
  return image;
}

function namesIn(node: DirectoryNode, kept: readonly NameChange[]): Map<string, DiskNode> {
  const names = new Map(node.before);
  for (const { edits } of kept) for (const edit of edits) if (edit.directory === node) applyEdit(names, edit);
  return names;
}

/** A directory's changes reach the disk in their order, those of different directories independently. */
function keeper(changes: readonly NameChange[], loss: Loss, random: Random): (change: NameChange) => boolean {
  if (loss === 'nothing') return ({ isDurable }) => isDurable;
  const limits = new Map<DirectoryNode, number>();
  for (const { edits } of changes)
    for (const { directory } of edits)
      if (!limits.has(directory)) limits.set(directory, random.below(pending(changes, directory) + 1));
  const passed = new Map<DirectoryNode, number>();
  return ({ isDurable, edits }) => {
    if (isDurable) return true;
    const directories = new Set(edits.map(({ directory }) => directory));
    const isWithin = [...directories].every((at) => (passed.get(at) ?? 0) < (limits.get(at) ?? 0));
    for (const at of directories) passed.set(at, (passed.get(at) ?? 0) + 1);
    return isWithin;
  };
}

const pending = (changes: readonly NameChange[], directory: DirectoryNode): number =>
  changes.filter(({ isDurable, edits }) => !isDurable && edits.some((edit) => edit.directory === directory))
    .length;

type Damage = (safe: Buffer, file: FileNode, random: Random) => Buffer;

const lastOf = ({ versions }: FileNode): Buffer => versions.at(-1)?.bytes ?? versions[0].bytes;

function commonLength(a: Buffer, b: Buffer): number {
  let at = 0;
  while (at < Math.min(a.length, b.length) && a[at] === b[at]) at++;
  return at;
}

/** All writes up to one of them, of which only the beginning. */
const cut: Damage = (_safe, { versions }, random) => {
  const index = 1 + random.below(versions.length - 1);
  const [before, after] = [versions[index - 1]?.bytes, versions[index]?.bytes];
  if (!before || !after) throw new Error('no version to be cut');
  const from = commonLength(before, after);
  return after.subarray(0, from + random.below(after.length - from + 1));
};

/** The length is there, and of the content a part is not: at the end, or in the middle. */
const nulled =
  (isHole: boolean): Damage =>
  (safe, file, random) => {
    const bytes = Buffer.from(lastOf(file));
    const from = commonLength(safe, bytes);
    const start = from + random.below(bytes.length - from + 1);
    const end = isHole ? start + random.below(bytes.length - start + 1) : bytes.length;
    return bytes.fill(0, start, end);
  };

const DAMAGES: readonly [Damage, ...Damage[]] = [
  (safe) => safe,
  (_safe, file) => lastOf(file),
  cut,
  cut,
  nulled(false),
  nulled(true),
];

function survivor(file: FileNode, loss: Loss, random: Random): Buffer {
  const [{ bytes: safe }, ...later] = file.versions;
  return loss === 'nothing' || later.length === 0 ? safe : random.pick(DAMAGES)(safe, file, random);
}

/** Puts the image into an empty folder. */
export function writeImage(image: DiskImage, folder: string): void {
  const places = new Map<object, string>();
  for (const [name, file] of image) {
    const place = path.join(folder, name);
    const other = file && places.get(file.key);
    if (!file) mkdirSync(place, { mode: 0o700 });
    else if (other !== undefined) linkSync(other, place);
    else writeFileSync(place, file.bytes, { mode: 0o600 });
    if (file) places.set(file.key, place);
  }
}
