export interface Attachment {
  readonly name: string;
  /** `data:` and the bytes. */
  readonly url: string;
}

/** Bytes of one picture: encoded, two of them fit into a message of 32 MiB. */
const MAX_BYTES = 10 * 1024 * 1024;

export function Attachments({
  images,
  remove,
}: {
  images: readonly Attachment[];
  remove(index: number): void;
}) {
  if (images.length === 0) return null;
  return (
    <ul class="attachments">
      {images.map(({ name, url }, index) => (
        <li key={url}>
          <img src={url} alt={name} />
          <button type="button" aria-label={`Remove ${name}`} onClick={() => remove(index)}>
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

/** @throws {Error} for a file that is no picture, or too large */
export function readImages(files: Iterable<File>): Promise<Attachment[]> {
  return Promise.all([...files].map(readImage));
}

async function readImage(file: File): Promise<Attachment> {
  if (!file.type.startsWith('image/')) throw new Error(`${file.name} is not an image`);
  if (file.size > MAX_BYTES) throw new Error(`${file.name} is larger than 10 MiB`);
  return { name: file.name, url: await toDataUrl(file) };
}

function toDataUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error(`${file.name} could not be read`));
    reader.readAsDataURL(file);
  });
}
