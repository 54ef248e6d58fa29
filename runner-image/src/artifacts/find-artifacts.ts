import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobResult } from '../../../app/core/model/job.ts';
import { counted, sizeText } from '../../../app/lib/format.ts';
import { leadsOut } from '../find-files.ts';
import { errorText } from '../runner-error.ts';
import { isOfSuiteReport, isSuiteReport, suiteReportGlobs } from './suite-report.ts';

export type Artifact = JobResult['artifacts'][number];
type Warning = JobResult['warnings'][number];

export interface FoundArtifacts {
  readonly artifacts: readonly Artifact[];
  readonly warnings: readonly Warning[];
}

export interface FindArtifactsOptions {
  readonly checkout: string;
  /** The suite's own, relative to the checkout. */
  readonly globs: readonly string[];
  /** The files that the suite's globs match. */
  readonly named: readonly string[];
  /** The files that {@link unnamedGlobs} match. */
  readonly unnamed: readonly string[];
  /** Files that no glob of the suite names are kept only if they were written since then. */
  readonly writtenSinceMs: number;
  /** Limit for all files together, as they are in the archive. */
  readonly maxBytes: number;
}

/** Always kept, because a failed browser test is hard to understand without them. */
const screenshotGlobs = ['**/screenshots/**/*.{png,jpg,jpeg}', '**/test-results/**/*.{png,jpg,jpeg}'];
export const unnamedGlobs = [...suiteReportGlobs, ...screenshotGlobs];
/** Size of an entry in the archive in addition to its content: headers and padding. */
const bytesPerEntry = 2_048;
const maxFiles = 20_000;

/** Finds the files to keep. Files outside the checkout and files over the limit are left out, with a warning. */
export async function findArtifacts(options: FindArtifactsOptions): Promise<FoundArtifacts> {
  const { checkout, named, unnamed } = options;
  const warnings: Warning[] = options.globs.filter(leadsOut).map(outside);
  const root = await realpath(checkout);
  const artifacts = new Map<string, Artifact>();
  for (const path of named) {
    try {
      const artifact = await inspect(path, { checkout, root });
      if (artifact === undefined) warnings.push(outside(path));
      else artifacts.set(path, artifact);
    } catch (error) {
      warnings.push({ code: 'artifact_unreadable', message: `${path} cannot be read: ${errorText(error)}.` });
    }
  }
  for (const path of unnamed.filter((candidate) => !artifacts.has(candidate))) {
    // The suite does not name these files, so one that cannot be read is ignored.
    const artifact = await inspect(path, { ...options, root }).catch(() => undefined);
    const isPicture = !path.endsWith('.html');
    if (artifact?.isReport || (artifact !== undefined && (isPicture || isOfSuiteReport(path)))) {
      artifacts.set(path, artifact);
    }
  }
  const limited = withinLimit([...artifacts.values()], options.maxBytes);
  return { artifacts: limited.artifacts, warnings: [...warnings, ...limited.warnings] };
}

interface InspectOptions {
  readonly checkout: string;
  /** The checkout's path with symbolic links resolved. */
  readonly root: string;
  readonly writtenSinceMs?: number;
}

/** @returns undefined for a path outside the checkout, something other than a file, or an old file. */
async function inspect(path: string, options: InspectOptions): Promise<Artifact | undefined> {
  const absolute = join(options.checkout, path);
  const [real, stats] = await Promise.all([realpath(absolute), stat(absolute)]);
  if (!real.startsWith(`${options.root}/`) || !stats.isFile()) return undefined;
  if (stats.mtimeMs < (options.writtenSinceMs ?? 0)) return undefined;
  return { path, sizeBytes: stats.size, isReport: await isSuiteReport(options.checkout, path) };
}

/** Keeps small files first, so one video of a browser session does not displace a hundred logs. */
function withinLimit(artifacts: readonly Artifact[], maxBytes: number): FoundArtifacts {
  const kept = new Set<Artifact>();
  const left: Artifact[] = [];
  let totalBytes = 0;
  for (const artifact of [...artifacts].sort((one, other) => one.sizeBytes - other.sizeBytes)) {
    const sizeBytes = artifact.sizeBytes + bytesPerEntry;
    if (kept.size >= maxFiles || totalBytes + sizeBytes > maxBytes) {
      left.push(artifact);
    } else {
      totalBytes += sizeBytes;
      kept.add(artifact);
    }
  }
  return {
    artifacts: artifacts.filter((artifact) => kept.has(artifact)),
    warnings: overLimit(left, maxBytes),
  };
}

function overLimit(left: readonly Artifact[], maxBytes: number): Warning[] {
  if (left.length === 0) return [];
  const names = left.slice(0, 5).map(({ path, sizeBytes }) => `${path} (${sizeText(sizeBytes)})`);
  const more = left.length > names.length ? ` and ${left.length - names.length} more` : '';
  return [
    {
      code: 'artifact_over_limit',
      message: `Left out, because the limit for artifacts is ${sizeText(maxBytes)} and ${counted(maxFiles, 'file')}: ${names.join(', ')}${more}.`,
    },
  ];
}

function outside(path: string): Warning {
  return { code: 'artifact_refused', message: `${path} is outside the checkout, so it is not kept.` };
}
