import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OutputChunk, rolldown } from 'rolldown';

export interface PageFolders {
  /** With `main.tsx`, and the style sheets in `style`. */
  readonly source: string;
  readonly target: string;
}

/** One letter on a rounded square; drawn here because the page may load nothing that is not its own. */
const ICON = `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='%23147d64'/><path d='M21 11.5a7 7 0 1 0 0 9' fill='none' stroke='white' stroke-width='3.4' stroke-linecap='round'/></svg>`;

/**
 * Bundles the page into one script and one style sheet, whose names change with what is in them, and the document.
 * Returns the files that the script is made of.
 */
export async function bundlePage({ source, target }: PageFolders): Promise<string[]> {
  mkdirSync(target, { recursive: true });
  const { code, moduleIds } = await bundleScript(source);
  const script = writeHashed(target, 'js', code);
  const style = writeHashed(target, 'css', readStyles(join(source, 'style')));
  writeFileSync(join(target, 'index.html'), documentOf(script, style));
  return moduleIds;
}

async function bundleScript(source: string): Promise<OutputChunk> {
  const build = await rolldown({
    input: join(source, 'main.tsx'),
    platform: 'browser',
    transform: { target: 'es2022' },
  });
  const { output } = await build.generate({ format: 'es', minify: true, codeSplitting: false });
  await build.close();
  return output[0];
}

/** In the order of their names, which is what later rules rely on. */
function readStyles(folder: string): string {
  return globSync('*.css', { cwd: folder })
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
}

function writeHashed(target: string, extension: string, text: string): string {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 12);
  const name = `page-${hash}.${extension}`;
  writeFileSync(join(target, name), text);
  return name;
}

const documentOf = (script: string, style: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<title>codexd</title>
<link rel="icon" href="data:image/svg+xml,${ICON.replaceAll('<', '%3C').replaceAll('>', '%3E')}">
<link rel="stylesheet" href="/page/${style}">
<script type="module" src="/page/${script}"></script>
</head>
<body></body>
</html>
`;
