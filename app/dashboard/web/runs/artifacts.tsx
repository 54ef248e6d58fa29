import type { RunDetails } from '../lib/api.ts';
import { bytes, counted } from '../lib/format.ts';

/** The files that a run kept. */
export function Artifacts({ run }: { run: RunDetails }) {
  const { artifacts, id } = run;
  if (artifacts.length === 0) return null;
  return (
    <section aria-labelledby="artifacts">
      <h2 id="artifacts">Artifacts</h2>
      <details class="card" open={artifacts.length <= 10}>
        <summary>{counted(artifacts.length, 'file')}</summary>
        <ul class="files">
          {artifacts.map(({ path, url, view_url, size_bytes }) => (
            <li key={path}>
              {view_url != null ? (
                <a href={new URL(view_url).pathname} target="_blank" rel="noreferrer noopener">
                  {path}
                </a>
              ) : (
                path
              )}{' '}
              <span class="quiet">
                {bytes(size_bytes)},{' '}
                <a href={new URL(url).pathname} download aria-label={`Download ${path}`}>
                  download
                </a>
              </span>
            </li>
          ))}
        </ul>
        <p>
          <a href={`/workflow/${id}/artifacts.tar.gz`}>Download all as one archive</a>
        </p>
      </details>
    </section>
  );
}
