import type { ProjectId, RunId } from './ids.ts';
import type { RunSource } from './run.ts';

/** The key of a run's report: the path that clients of the older batch runner use. */
export function reportKey(id: RunId): string {
  return id.startsWith('runId-') ? `test_reports/runjob${id}/report.html` : `test_reports/${id}/report.html`;
}

/** The key of the archive of a run's commit, for tasks that do not reach GitHub. Needed only while the run is active. */
export function sourceKey(id: RunId): string {
  return `sources/${id}.tar.gz`;
}

const uploadScheme = 'upload:';

/** The source of a run whose archive a client uploaded. */
export function uploadedSource(id: string): RunSource {
  return { kind: 'archive', url: `${uploadScheme}${id}` };
}

/** @returns undefined if the source was not uploaded. */
export function uploadedSourceId(source: RunSource): string | undefined {
  const isUploaded = source.kind === 'archive' && source.url.startsWith(uploadScheme);
  return isUploaded ? source.url.slice(uploadScheme.length) : undefined;
}

/** Key of an uploaded source. It contains the project, so no run reads what another project uploaded. */
export function uploadedSourceKey(project: ProjectId, id: string): string {
  return `sources/uploads/${project}/${id}.tar.gz`;
}

const runObjects = ['job.json', 'result.json', 'tests.json', 'artifacts.tar.gz', 'progress.json'] as const;

/** Objects of a run in addition to its report. */
export function runObjectKey(id: RunId, name: (typeof runObjects)[number]): string {
  return `runs/${id}/${name}`;
}

/** The keys of everything that a run can have stored. */
export function allRunKeys(id: RunId): string[] {
  return [reportKey(id), sourceKey(id), ...runObjects.map((name) => runObjectKey(id, name))];
}

export const cachePrefix = 'caches/';

/** Key of the newest archive of a cache. It contains the project, so no run reads what another project cached. */
export function cacheKey(project: ProjectId, scope: string, cache: string): string {
  return `${cachePrefix}${project}/${scope}/${cache}`;
}
