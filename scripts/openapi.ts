import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openApiText } from './openapi-text.ts';

const root = path.resolve(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string };
writeFileSync(path.join(root, 'openapi/openapi.json'), await openApiText(version));
