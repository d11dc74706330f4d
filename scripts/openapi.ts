import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { documentTexts } from './document-texts.ts';

const root = path.resolve(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
for (const [name, text] of Object.entries(await documentTexts(version))) {
  writeFileSync(path.join(root, 'openapi', name), text);
}
