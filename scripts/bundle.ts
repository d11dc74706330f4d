import { dirname, join, relative } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { minify } from 'rolldown/utils';

export interface BundleOptions {
  /** The folder of the sources. */
  readonly source: string;
  /** The folder of the bundle; `name.js` in it is made of `name.ts` in the other. */
  readonly target: string;
  readonly entries: readonly string[];
}

/** Native code, and what whoever wants traces installs beside codexd. */
const OWN_PACKAGES = ['@lydell/node-pty', '@opentelemetry/sdk-node'];

/** Fastify requires them for what codexd does not do: apps without schema compilers of their own, and injected requests. */
const NEVER_LOADED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request'];

/** What packages require at once for TLS, HTTP/2 and compression, which hardly any run needs. */
const RARE_BUILTINS = ['http2', 'https', 'tls', 'zlib'];

const PACKAGE_FILE = /\/node_modules\//;

/**
 * Bundles the entries with what they import into a few CommonJS files: one file loads faster than many, and Node loads
 * built-in modules for CommonJS without evaluating their optional parts (`node:http` would load a whole `fetch`).
 * In our own code names and lines stay, so that stack traces say where.
 */
export async function bundle({ source, target, entries }: BundleOptions): Promise<OutputChunk[]> {
  const build = await rolldown({
    input: Object.fromEntries(entries.map((name) => [name, join(source, `${name}.ts`)])),
    platform: 'node',
    external: [...OWN_PACKAGES, ...NEVER_LOADED],
    plugins: [keepPlaces(source), loadWhenUsed(RARE_BUILTINS), minifyPackages()],
  });
  const { output } = await build.write({
    dir: target,
    format: 'cjs',
    // What `import()` loads is loaded by the program's own loader, too.
    dynamicImportInCjs: false,
    chunkFileNames: ({ name }) => `chunks/${name.replaceAll('/', '-')}.js`,
    codeSplitting: { groups: [{ name: 'packages', test: PACKAGE_FILE, entriesAware: true }] },
    comments: { legal: false, annotation: false, jsdoc: false },
    charset: 'ascii',
  });
  await build.close();
  return output.filter((file) => file.type === 'chunk');
}

/** To modules that look for what lies beside them, `import.meta` still says where they would lie on their own. */
function keepPlaces(source: string): Plugin {
  const mark = (property: string, file: string) => `PLACE_OF_MODULE.${property}(${JSON.stringify(file)})`;
  return {
    name: 'keep-places',
    transform(code, id) {
      if (!id.startsWith(source) || !code.includes('import.meta.')) return undefined;
      const file = relative(source, id).replace(/\.ts$/, '.js');
      return code.replaceAll(/import\.meta\.(url|dirname|filename)/g, (_, property) => mark(property, file));
    },
    renderChunk(code, chunk) {
      if (!code.includes('PLACE_OF_MODULE')) return undefined;
      const up = relative(dirname(chunk.fileName), '.') || '.';
      return code.replaceAll(/PLACE_OF_MODULE\.(\w+)\("([^"]+)"\)/g, (_, property, file) =>
        placeExpression(property, `${up}/${file}`),
      );
    },
  };
}

/** Packages get these built-in modules as objects that load them when a member is asked for. */
function loadWhenUsed(builtins: readonly string[]): Plugin {
  const prefix = '\0when-used:';
  return {
    name: 'load-when-used',
    resolveId(id, importer = '') {
      const name = id.replace(/^node:/, '');
      return builtins.includes(name) && PACKAGE_FILE.test(importer) ? `${prefix}${name}.cjs` : undefined;
    },
    load(id) {
      if (!id.startsWith(prefix)) return undefined;
      const name = `node:${id.slice(prefix.length, -'.cjs'.length)}`;
      return `module.exports = new Proxy({}, { get: (_, member) => require('${name}')[member] });`;
    },
  };
}

/** The text of what is loaded stays in memory. */
function minifyPackages(): Plugin {
  return {
    name: 'minify-packages',
    async renderChunk(code, chunk) {
      if (!chunk.moduleIds.every((id) => PACKAGE_FILE.test(id))) return undefined;
      const minified = await minify(chunk.fileName, code);
      if (minified.errors.length > 0) throw new Error(`${chunk.fileName}: ${minified.errors[0]?.message}`);
      return minified.code;
    },
  };
}

function placeExpression(property: string, file: string): string {
  const path = `require("node:path").join(__dirname, ${JSON.stringify(property === 'dirname' ? dirname(file) : file)})`;
  return property === 'url' ? `require("node:url").pathToFileURL(${path}).href` : path;
}
