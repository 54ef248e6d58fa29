import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

const web = 'app/dashboard/web';

/** Builds the dashboard. File names contain a hash of their content, so browsers can cache them permanently. */
export async function buildDashboard(out = 'dist/dashboard') {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const { metafile } = await build({
    entryPoints: { berth: `${web}/main.tsx`, style: `${web}/styles/style.css` },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    outdir: out,
    entryNames: '[name]-[hash]',
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const names = Object.keys(metafile.outputs).map((path) => basename(path));
  const named = (ending) => names.find((name) => name.endsWith(ending)) ?? '';
  const page = await readFile(`${web}/index.html`, 'utf8');
  await writeFile(
    join(out, 'index.html'),
    page.replace('%STYLE%', named('.css')).replace('%SCRIPT%', named('.js')),
  );
  await writeFile(join(out, 'icon.svg'), await readFile(`${web}/icon.svg`));
}
