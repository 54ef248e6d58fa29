const byExtension: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.html': 'text/html; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
  '.gz': 'application/gzip',
  '.png': 'image/png',
};

/** Guesses the content type of an object from its name. */
export function contentTypeOf(key: string): string {
  const dot = key.lastIndexOf('.');
  return byExtension[key.slice(dot)] ?? 'application/octet-stream';
}
