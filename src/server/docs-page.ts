import type { OpenAPIV3_1 } from 'openapi-types';
import { createPage, type Page } from './access/page.ts';

type Operation = OpenAPIV3_1.OperationObject;

const STYLE = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent); }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); }
article { margin: 1.5rem 0; }
h3 { margin-bottom: 0; }
code, pre { font: 0.9em/1.45 ui-monospace, monospace; }
pre { overflow: auto; padding: 0.75rem; border: 1px solid var(--line); border-radius: 6px; }
table { border-collapse: collapse; }
td { padding: 0.1rem 1rem 0.1rem 0; vertical-align: top; }
summary { cursor: pointer; }
`;

/** The document as one page without scripts and without anything from elsewhere. */
export function docsPage(document: OpenAPIV3_1.Document): Page {
  const { info, paths = {}, components, tags = [] } = document;
  const body = `
<h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}</h1>
${paragraphs(info.description)}
<p>For programs: <a href="/openapi.json">openapi.json</a> (<a href="/openapi.yaml">openapi.yaml</a>) for REST, <a href="/openrpc.json">openrpc.json</a> for JSON-RPC, <a href="/asyncapi.json">asyncapi.json</a> for the events.</p>
${tags.map(({ name, description = name }) => section(description, name, paths)).join('')}
<h2>Types</h2>${Object.entries(components?.schemas ?? {})
    .map(typeEntry)
    .join('')}
`;
  return createPage({ title: `${escapeHtml(info.title)} API`, style: STYLE, body });
}

function section(title: string, tag: string, paths: OpenAPIV3_1.PathsObject): string {
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item ?? {}).map(([verb, operation]) => ({
      path,
      verb,
      operation: operation as Operation,
    })),
  );
  const tagged = operations.filter(({ operation }) => operation.tags?.includes(tag));
  return `<h2>${escapeHtml(title)}</h2>${tagged.map(operationEntry).join('')}`;
}

function operationEntry({
  path,
  verb,
  operation,
}: {
  path: string;
  verb: string;
  operation: Operation;
}): string {
  const { operationId = '', summary, description, parameters = [], requestBody, responses = {} } = operation;
  const body = requestBody && 'content' in requestBody ? details('Body', requestBody.content) : '';
  return `<article id="${escapeHtml(operationId)}">
<h3><code>${verb.toUpperCase()} ${escapeHtml(path)}</code></h3>
${paragraphs(`${operationId}: ${summary ?? ''}`)}${paragraphs(description)}
<table>${parameters.map(parameterRow).join('')}</table>
${body}${Object.entries(responses).map(responseEntry).join('')}
</article>`;
}

function parameterRow(parameter: OpenAPIV3_1.ReferenceObject | OpenAPIV3_1.ParameterObject): string {
  if (!('name' in parameter)) return '';
  const { name, in: where, required, schema, description = '' } = parameter;
  const need = required ? 'required' : 'optional';
  return `<tr><td><code>${escapeHtml(name)}</code></td><td>${escapeHtml(where)}, ${need}</td><td><code>${escapeHtml(inline(schema))}</code></td><td>${escapeHtml(description)}</td></tr>`;
}

function responseEntry([status, response]: [string, NonNullable<Operation['responses']>[string]]): string {
  const { description, content } = response as OpenAPIV3_1.ResponseObject;
  return details(`${status} ${description}`, content);
}

const typeEntry = ([name, schema]: [string, unknown]): string =>
  `<article id="type-${escapeHtml(name)}"><h3><code>${escapeHtml(name)}</code></h3>${code(schema)}</article>`;

function details(
  title: string,
  content: Operation['responses'] | Record<string, { schema?: unknown }> = {},
): string {
  const schemas = Object.values(content).map((media) => {
    const { schema, example } = media as { schema?: unknown; example?: unknown };
    return (example === undefined ? '' : `<p>For example</p>${code(example)}`) + code(schema);
  });
  return `<details><summary>${escapeHtml(title)}</summary>${schemas.join('')}</details>`;
}

/** References become links to the type on the same page. */
function code(schema: unknown): string {
  const text = escapeHtml(JSON.stringify(schema ?? {}, null, 2));
  const linked = text.replaceAll(
    /#\/components\/schemas\/(\w+)/g,
    (reference, name: string) => `<a href="#type-${name}">${reference}</a>`,
  );
  return `<pre>${linked}</pre>`;
}

const inline = (schema: unknown): string => JSON.stringify(schema ?? {});

const paragraphs = (text = ''): string =>
  text
    .split('\n\n')
    .filter((part) => part.trim() !== '')
    .map((part) => `<p>${escapeHtml(part).replaceAll(/`([^`]+)`/g, '<code>$1</code>')}</p>`)
    .join('');

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
