import { createHash } from 'node:crypto';
import type { ReportData } from './report-data.ts';

/** What the page is made of, beside its data. */
export interface ReportPage {
  readonly css: string;
  /** A classic script that reads the data and fills the page. */
  readonly script: string;
}

/**
 * Writes the report as one HTML file that needs nothing else. Nothing of the data is markup: it is embedded as JSON in
 * an element that no browser runs, the script shows it as text, and the policy allows that one script and no other.
 */
export function buildReport(data: ReportData, { css, script }: ReportPage): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(css)}'`,
    `script-src '${hashOf(script)}'`,
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
<style>${css}</style>
</head>
<body>
<noscript>
<h1>${escapeHtml(`${run.suite} of ${run.project}`)}</h1>
<p>${escapeHtml(run.sentence)}</p>
<p>The rest of this report needs JavaScript. It loads nothing from anywhere.</p>
</noscript>
<script type="application/json" id="data">${jsonForHtml(data)}</script>
<script>${script}</script>
</body>
</html>
`;
}

function hashOf(source: string): string {
  return `sha256-${createHash('sha256').update(source).digest('base64')}`;
}

/** Without a `<` nothing can end the element or begin a comment in it. */
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
