import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const web = 'app/dashboard/web';

/** Builds the dashboard. File names contain a hash of their content, so browsers can cache them permanently. */
export async function buildDashboard(out = 'dist/dashboard') {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const built = await Promise.all([
    bundle(out, { berth: `${web}/main.tsx`, style: `${web}/styles/style.css` }),
    bundle(
      out,
      {
        docs: `${web}/docs/docs.ts`,
        'docs-style': `${web}/docs/docs.css`,
        'docs-operation': `${web}/docs/operation.css`,
      },
      // The renderer of operations is large, and is loaded when the first one is opened.
      { splitting: true, chunkNames: 'docs-part-[hash]' },
    ),
  ]);
  const names = built.flatMap(({ metafile }) => Object.keys(metafile.outputs)).map((path) => basename(path));
  const named = (start, ending) =>
    names.find(
      (name) =>
        name.startsWith(`${start}-`) &&
        /^[A-Z0-9]{8}\./.test(name.slice(start.length + 1)) &&
        name.endsWith(ending),
    ) ?? '';
  const pages = [
    { source: 'index.html', script: 'berth', style: 'style' },
    { source: 'docs/docs.html', script: 'docs', style: 'docs-style' },
  ];
  for (const { source, script, style } of pages) {
    const page = await readFile(join(web, source), 'utf8');
    await writeFile(
      join(out, basename(source)),
      page
        .replace('%STYLE%', named(style, '.css'))
        .replace('%OPERATION_STYLE%', named('docs-operation', '.css'))
        .replace('%SCRIPT%', named(script, '.js')),
    );
  }
  await writeFile(join(out, 'icon.svg'), await readFile(`${web}/icon.svg`));
}

function bundle(outdir, entryPoints, more = {}) {
  return build({
    entryPoints,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    outdir,
    entryNames: '[name]-[hash]',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    ...more,
  });
}
