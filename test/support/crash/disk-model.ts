import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { DiskEntry } from './disk-record.ts';

/** A content that a file has had, and since which entry. */
export interface Version {
  readonly entry: number;
  readonly bytes: Buffer;
}

export interface FileNode {
  readonly kind: 'file';
  /** All since the last one that is on the disk for certain, which is the first. */
  versions: [Version, ...Version[]];
}

export interface DirectoryNode {
  readonly kind: 'directory';
  /** As the running system sees it. */
  readonly entries: Map<string, DiskNode>;
  /** As it was at the beginning. */
  readonly before: ReadonlyMap<string, DiskNode>;
}

export type DiskNode = FileNode | DirectoryNode;

/** A name that comes, goes, or stands for something else. */
interface Edit {
  readonly directory: DirectoryNode;
  readonly name: string;
  /** Nothing for a name that goes. */
  readonly node: DiskNode | undefined;
  /** What the name that goes has stood for. */
  readonly gone?: DiskNode;
}

/** Edits that happen together or not at all, as a journal of the file system sees to. */
export interface NameChange {
  readonly entry: number;
  readonly edits: readonly Edit[];
  isDurable: boolean;
}

const directory = (before: ReadonlyMap<string, DiskNode> = new Map()): DirectoryNode => ({
  kind: 'directory',
  entries: new Map(before),
  before,
});

/** What is on the disk at the beginning, all of it for certain. */
function readTree(folder: string): DirectoryNode {
  const names = readdirSync(folder).map((name): [string, DiskNode] => {
    const place = path.join(folder, name);
    if (statSync(place).isDirectory()) return [name, readTree(place)];
    return [name, { kind: 'file', versions: [{ entry: -1, bytes: readFileSync(place) }] }];
  });
  return directory(new Map(names));
}

/**
 * A disk with its page cache: what the running system sees, and how much of it a power cut could not undo. A file's
 * content is safe once the file was synced; a name is, once its directory was.
 */
export class DiskModel {
  readonly root: DirectoryNode;
  readonly changes: NameChange[] = [];
  readonly #home: string;
  readonly #handles = new Map<number, DiskNode>();
  #count = 0;

  /**
   * @param home that the entries name
   * @param origin as the home was before the first of them
   */
  constructor(home: string, origin: string) {
    this.#home = home;
    this.root = readTree(origin);
  }

  apply(entry: DiskEntry): void {
    const at = this.#count++;
    switch (entry.kind) {
      case 'mkdir':
        this.#edit(at, [{ ...this.#place(entry.path), node: directory() }]);
        break;
      case 'open':
        this.#handles.set(entry.handle, this.#opened(at, entry.path, entry.isDirectory));
        break;
      case 'content':
        this.#write(at, this.#fileOf(entry.handle), entry.keeps, entry.rest);
        break;
      case 'link':
        this.#edit(at, [{ ...this.#place(entry.target), node: this.#nodeAt(entry.path) }]);
        break;
      case 'rename':
        this.#rename(at, entry.path, entry.target);
        break;
      case 'unlink':
        this.#edit(at, [this.#removal(entry.path)]);
        break;
      case 'sync':
        this.#sync(this.#handles.get(entry.handle), entry.covers);
    }
  }

  #edit(entry: number, edits: readonly Edit[]): void {
    this.changes.push({ entry, edits, isDurable: false });
    for (const edit of edits) applyEdit(edit.directory.entries, edit);
  }

  #opened(at: number, file: string, isDirectory: boolean): DiskNode {
    if (path.resolve(file) === this.#home) return this.root;
    const { directory: parent, name } = this.#place(file);
    const found = parent.entries.get(name);
    if (found) return found;
    if (isDirectory) return this.#walk(path.relative(this.#home, file).split(path.sep));
    const made: FileNode = { kind: 'file', versions: [{ entry: at, bytes: Buffer.alloc(0) }] };
    this.#edit(at, [{ directory: parent, name, node: made }]);
    return made;
  }

  #write(entry: number, file: FileNode, keeps: number, rest: string): void {
    const last = file.versions.at(-1)?.bytes ?? Buffer.alloc(0);
    const bytes = Buffer.concat([last.subarray(0, keeps), Buffer.from(rest, 'base64')]);
    file.versions.push({ entry, bytes });
  }

  #rename(at: number, from: string, to: string): void {
    const node = this.#nodeAt(from);
    this.#edit(at, [this.#removal(from), { ...this.#place(to), node }]);
  }

  #removal(file: string): Edit {
    return { ...this.#place(file), node: undefined, gone: this.#nodeAt(file) };
  }

  #sync(node: DiskNode | undefined, covers: number): void {
    if (node?.kind === 'file') {
      const [, ...later] = node.versions;
      const safe = node.versions.findLast(({ entry }) => entry < covers) ?? node.versions[0];
      node.versions = [safe, ...later.filter(({ entry }) => entry > safe.entry)];
    } else
      for (const change of this.changes)
        change.isDurable ||= change.entry < covers && change.edits.some(({ directory: at }) => at === node);
  }

  #fileOf(handle: number): FileNode {
    const node = this.#handles.get(handle);
    if (node?.kind !== 'file') throw new Error('a write to what is no file');
    return node;
  }

  #nodeAt(file: string): DiskNode {
    const { directory: parent, name } = this.#place(file);
    const node = parent.entries.get(name);
    if (!node) throw new Error(`the record does not say where ${file} comes from`);
    return node;
  }

  #place(file: string): { directory: DirectoryNode; name: string } {
    const relative = path.relative(this.#home, path.dirname(file));
    const parent = this.#walk(relative === '' ? [] : relative.split(path.sep));
    return { directory: parent, name: path.basename(file) };
  }

  /** Directories that nobody was seen to make were there before. */
  #walk(names: readonly string[]): DirectoryNode {
    let at = this.root;
    for (const name of names) {
      const found = at.entries.get(name) ?? directory();
      if (found.kind === 'file') throw new Error(`${name} is no directory`);
      if (!at.entries.has(name)) {
        (at.before as Map<string, DiskNode>).set(name, found);
        at.entries.set(name, found);
      }
      at = found;
    }
    return at;
  }
}

export function applyEdit(names: Map<string, DiskNode>, { name, node, gone }: Edit): void {
  if (node) names.set(name, node);
  else if (names.get(name) === gone) names.delete(name);
}
