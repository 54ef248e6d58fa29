import type { ReportData } from './report-data.ts';

/** A text of the page, and the hash by which the page's policy allows it: `sha256-…`. */
interface HashedText {
  readonly text: string;
  readonly hash: string;
}

/** The parts of the page in addition to its data. */
export interface ReportPage {
  readonly css: HashedText;
  /** A classic script that reads the data and fills the page. */
  readonly script: HashedText;
}

/**
 * Writes the report as one self-contained HTML file. The data is never markup: it is JSON in an element that browsers do
 * not run, the script shows it as text, and the policy allows only that script.
 */
export function buildReport(data: ReportData, { css, script }: ReportPage): string {
  const policy = [
    "default-src 'none'",
    `style-src '${css.hash}'`,
    `script-src '${script.hash}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const { run } = data;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${escapeHtml(`${run.outcome}: ${run.suite} of ${run.branch}`)}</title>
<style>${css.text}</style>
</head>
<body>
<noscript>
<h1>${escapeHtml(`${run.suite} of ${run.project}`)}</h1>
<p>${escapeHtml(run.sentence)}</p>
<p>The rest of this report needs JavaScript. It loads nothing from the network.</p>
</noscript>
<script type="application/json" id="data">${jsonForHtml(data)}</script>
<script>${script.text}</script>
</body>
</html>
`;
}

/** Escapes `<`, so nothing can end the element or begin a comment in it. */
function jsonForHtml(data: ReportData): string {
  return JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
