import { sizeText } from '../../../lib/format.ts';
import type { RunDetails } from '../lib/api.ts';
import { counted } from '../lib/format.ts';

/** More files than this are folded. */
const maxListed = 10;

type Artifact = RunDetails['artifacts'][number];

/** The files that a run kept: its HTML reports first. */
export function Artifacts({ run }: { run: RunDetails }) {
  const { artifacts, id } = run;
  if (artifacts.length === 0) return null;
  const reports = artifacts.filter(({ is_report }) => is_report);
  const others = artifacts.filter(({ is_report }) => !is_report);
  return (
    <section aria-labelledby="artifacts">
      <h2 id="artifacts">Artifacts</h2>
      <div class="card">
        {reports.length > 0 && <Files files={reports} />}
        {others.length > 0 && (
          <details open={others.length <= maxListed}>
            <summary>{counted(others.length, reports.length > 0 ? 'other file' : 'file')}</summary>
            <Files files={others} />
          </details>
        )}
        <p>
          <a href={`/workflow/${id}/artifacts.tar.gz`}>Download all as one archive</a>
        </p>
      </div>
    </section>
  );
}

function Files({ files }: { files: readonly Artifact[] }) {
  return (
    <ul class="files">
      {files.map(({ path, url, view_url, size_bytes }) => (
        <li key={path}>
          {view_url == null ? (
            path
          ) : (
            <a href={new URL(view_url).pathname} target="_blank" rel="noreferrer noopener">
              {path}
            </a>
          )}{' '}
          <span class="quiet">
            {sizeText(size_bytes)},{' '}
            <a href={new URL(url).pathname} download aria-label={`Download ${path}`}>
              download
            </a>
          </span>
        </li>
      ))}
    </ul>
  );
}
