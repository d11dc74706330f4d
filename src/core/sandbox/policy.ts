import { lstat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { SandboxPolicy } from '../../protocol/vocabulary/policies.ts';
import { foldersAbove, isWithin } from './containment.ts';
import { pointedGitFolders } from './git-folders.ts';
import { followLinks, type RealPath, unlessUnreachable } from './real-path.ts';

export type RestrictingPolicy = Exclude<SandboxPolicy, { mode: 'danger-full-access' }>;
type WorkspaceWrite = Extract<SandboxPolicy, { mode: 'workspace-write' }>;

export interface Surroundings {
  /** The folder of the conversation, absolute; never one that the model has chosen. */
  readonly workspace: string;
  /** Of the command. */
  readonly env: Readonly<Record<string, string>>;
  readonly codexHome: string;
}

/** What a sandboxed command may do. All paths are absolute and free of symbolic links. */
export interface Access {
  readonly writableRoots: readonly WritableRoot[];
  readonly network: boolean;
}

export interface WritableRoot {
  readonly root: string;
  /** Paths below the root that are not writable; they need not exist. */
  readonly readOnlyBelow: readonly string[];
}

/** Programs outside the sandbox run or obey what these hold: hooks, settings, instructions. */
const PROJECT_METADATA = ['.git', '.codex', '.agents'];

/** Nothing there is a file of the user's. */
const KERNEL_INTERFACES = ['/proc', '/sys'];

/**
 * Says what a policy allows here (protocol-v1, section 7; security, SEC-EXEC-7). Left out are roots that do not exist,
 * that are in `codexHome` or belong to the kernel, and those that only a symbolic link inside another root leads to, as
 * an earlier command may have planted that link.
 */
export async function resolveAccess(policy: RestrictingPolicy, around: Surroundings): Promise<Access> {
  if (policy.mode === 'read-only') return { writableRoots: [], network: false };
  const codexHome = (await followLinks(around.codexHome))?.path ?? resolve(around.codexHome);
  const projects = await resolveAll(projectRoots(policy, around));
  const temporary = await resolveAll(temporaryRoots(policy, around.env));
  const roots = distinctPaths(withoutPlanted([...projects, ...temporary])).filter(
    (root) => ![codexHome, ...KERNEL_INTERFACES].some((folder) => isWithin(folder, root)),
  );
  const projectFolders = roots.filter((root) => projects.some(({ path }) => path === root));
  const metadata = await metadataOf(projectFolders, roots);
  const readOnly = [...metadata.filter((path) => !roots.includes(path)), codexHome];
  return {
    writableRoots: roots.map((root) => ({
      root,
      readOnlyBelow: readOnly.filter((path) => path !== root && isWithin(root, path)),
    })),
    network: policy.network_access ?? false,
  };
}

function projectRoots(policy: WorkspaceWrite, { workspace }: Surroundings): string[] {
  return [workspace, ...(policy.writable_roots ?? []).map((root) => resolve(workspace, root))];
}

function temporaryRoots(policy: WorkspaceWrite, env: Readonly<Record<string, string>>): string[] {
  const named = policy.exclude_tmpdir_env_var ? undefined : env.TMPDIR;
  return [
    ...(policy.exclude_slash_tmp ? [] : ['/tmp']),
    ...(named !== undefined && isAbsolute(named) ? [named] : []),
  ];
}

async function resolveAll(paths: readonly string[]): Promise<RealPath[]> {
  const found = await Promise.all(paths.map(followLinks));
  return found.filter((path) => path !== undefined);
}

function withoutPlanted(roots: readonly RealPath[]): RealPath[] {
  return roots.filter(
    ({ path, links }) =>
      !roots.some((other) => !isWithin(other.path, path) && links.some((link) => isWithin(other.path, link))),
  );
}

function distinctPaths(paths: readonly RealPath[]): string[] {
  return [...new Set(paths.map(({ path }) => path))];
}

/**
 * The metadata of each project, present or not. What is in a temporary folder, or in a writable folder above a
 * project, counts only when it is there: nobody keeps a project there, and other programs would see our mount points.
 */
async function metadataOf(projects: readonly string[], roots: readonly string[]): Promise<string[]> {
  const above = projects
    .flatMap(foldersAbove)
    .filter((folder) => roots.some((root) => isWithin(root, folder)));
  const others = [...new Set([...roots, ...above])].filter((folder) => !projects.includes(folder));
  const own = (await Promise.all(projects.map(metadataPaths))).flat();
  const present = await Promise.all(others.flatMap(inEach).map(presentPath));
  const paths = [...own, ...present.filter((path) => path !== undefined)];
  return [...paths, ...(await Promise.all(paths.map(pointedGitFolders))).flat()];
}

const inEach = (folder: string): string[] => PROJECT_METADATA.map((name) => join(folder, name));

async function metadataPaths(root: string): Promise<string[]> {
  const found = await unlessUnreachable(lstat(root));
  return found?.isDirectory() ? inEach(root) : [];
}

async function presentPath(path: string): Promise<string | undefined> {
  const found = await unlessUnreachable(lstat(path));
  return found && !found.isSymbolicLink() ? path : undefined;
}
