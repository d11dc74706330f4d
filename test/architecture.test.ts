import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = path.resolve(import.meta.dirname, '../src');

/** Folder -> what it may import besides itself and packages. The two chains meet in `api` and `daemon` only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  metrics: [],
  rpc: ['protocol'],
  core: ['protocol/vocabulary'],
  api: ['protocol', 'rpc', 'core'],
  server: ['protocol', 'rpc', 'metrics'],
  demo: [],
  client: ['protocol'],
  page: ['protocol', 'client'],
  daemon: ['protocol', 'rpc', 'core', 'api', 'server', 'demo', 'metrics'],
  cli: ['daemon', 'core/config', 'core/sandbox', 'core/model/endpoint.ts', 'protocol', 'client'],
  'cli.ts': ['cli', 'daemon', 'core/config'],
};

/** Packages that only one layer may know. */
const PACKAGE_OWNERS: Readonly<Record<string, readonly string[]>> = {
  fastify: ['server'],
  '@fastify/websocket': ['server'],
  '@fastify/swagger': ['server'],
  'fastify-type-provider-zod': ['server'],
  ws: ['server', 'cli'],
  undici: ['core', 'cli'],
  'prom-client': ['metrics'],
  '@opentelemetry/api': ['daemon'],
  '@opentelemetry/sdk-node': ['daemon'],
  commander: ['cli', 'cli.ts'],
  pino: ['daemon', 'server', 'cli', 'cli.ts'],
  preact: ['page'],
  'preact/hooks': ['page'],
  '@preact/signals': ['page'],
  'markdown-it': ['page'],
};

interface Import {
  file: string;
  from: string;
  target: string;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(SRC, file), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\s[^'"();=]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm,
  );
  const from = file.split('/')[0] ?? file;
  return [...found].map((match) => ({ file, from, target: match[1] ?? match[2] ?? match[3] ?? '' }));
}

const files = globSync('**/*.{ts,tsx}', { cwd: SRC });
const imports = files.flatMap(importsOf);
const local = imports
  .filter(({ target }) => target.startsWith('.'))
  .map((entry) => ({
    ...entry,
    to: path.relative(SRC, path.resolve(SRC, path.dirname(entry.file), entry.target)),
  }));

describe('the layout', () => {
  test('has service files made of a definition alone, so that what is installed is what --dry-run shows', () => {
    for (const file of ['systemd-unit.ts', 'launchd-plist.ts']) {
      const targets = imports.filter((entry) => entry.file === `cli/service/${file}`);
      expect(targets.map(({ target }) => target)).toEqual(['./definition.ts']);
    }
  });

  test('has sources and imports to look at', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(local.length).toBeGreaterThan(50);
  });

  test('has no folder or file that the rules do not know', () => {
    const roots = new Set(files.map((file) => file.split('/')[0] ?? file));
    expect([...roots].filter((root) => !(root in MAY_IMPORT))).toEqual([]);
  });

  test('imports point one way', () => {
    const wrong = local.filter(({ from, to }) => {
      const allowed = [from, ...(MAY_IMPORT[from] ?? [])];
      return !allowed.some((folder) => to === folder || to.startsWith(`${folder}/`));
    });
    expect(wrong.map(({ file, to }) => `${file} -> ${to}`)).toEqual([]);
  });

  test('each package that belongs to a layer stays there', () => {
    const wrong = imports.filter(({ from, target }) => {
      const owners = PACKAGE_OWNERS[target];
      return owners !== undefined && !owners.includes(from);
    });
    expect(wrong.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  test('the page makes elements, never HTML, and styles nothing in place', () => {
    const wrong = files.filter((file) => {
      const text = file.startsWith('page/') ? readFileSync(path.join(SRC, file), 'utf8') : '';
      return /innerHTML|insertAdjacentHTML|document\.write|DOMParser|\bstyle=|\beval\(|new Function\(/.test(
        text,
      );
    });
    expect(wrong).toEqual([]);
  });

  test('relative imports name the file with its extension', () => {
    expect(local.filter(({ target }) => !/\.(tsx?|json)$/.test(target))).toEqual([]);
  });

  test('no folder is called utils, helpers, shared or common', () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|shared|common)(\/|\.ts$)/.test(file))).toEqual([]);
  });

  test('no source file is longer than 400 lines', () => {
    const long = files.filter((file) => readFileSync(path.join(SRC, file), 'utf8').split('\n').length > 400);
    expect(long).toEqual([]);
  });
});
