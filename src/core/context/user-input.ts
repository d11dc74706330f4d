import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { EventOf } from '../../protocol/vocabulary/events.ts';
import type { ContentItem, InputItem, MessageItem } from '../../protocol/vocabulary/items.ts';

const IMAGE_TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.bmp': 'image/bmp',
  '.svg': 'image/svg+xml',
};

/** All items of one message make one user message, in their order. */
export async function toUserMessage(items: readonly InputItem[]): Promise<MessageItem> {
  return { type: 'message', role: 'user', content: await Promise.all(items.map(toContent)) };
}

async function toContent(item: InputItem): Promise<ContentItem> {
  switch (item.type) {
    case 'text':
      return { type: 'input_text', text: item.data.text };
    case 'image':
      return { type: 'input_image', image_url: item.data.image_url };
    case 'localImage':
      return localImage(item.data.path);
  }
}

/** An image that cannot be read becomes a text that says so, because a message that silently lost it misleads. */
export async function localImage(file: string): Promise<ContentItem> {
  try {
    const bytes = await readFile(file);
    const type = IMAGE_TYPES[path.extname(file).toLowerCase()] ?? 'application/octet-stream';
    return { type: 'input_image', image_url: `data:${type};base64,${bytes.toString('base64')}` };
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { type: 'input_text', text: `The image ${file} could not be read (${reason}).` };
  }
}

/**
 * The line that shows a message in the stored conversation, with the user's own words. A message of pictures alone has
 * no kind, and one with nothing to show has no line, as in the reference.
 */
export function toUserMessageEvent(
  items: readonly InputItem[],
  message: MessageItem,
): EventOf<'user_message'> | undefined {
  const texts = items.flatMap((item) => (item.type === 'text' ? [item.data.text] : []));
  const images = message.content.flatMap((part) => (part.type === 'input_image' ? [part.image_url] : []));
  if (texts.length === 0 && images.length === 0) return undefined;
  return {
    type: 'user_message',
    message: texts.join(''),
    ...(texts.length > 0 && { kind: 'plain' }),
    ...(images.length > 0 && { images }),
  };
}
