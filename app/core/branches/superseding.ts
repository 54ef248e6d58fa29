import type { Settings } from '../settings/settings.ts';

/** Suites whose runs for older commits go on (`cancelSuperseded: false`). */
export function uncancellableSuites(settings: Settings | undefined): ReadonlySet<string> {
  const staying = settings?.suites.filter((suite) => suite.cancelSuperseded === false) ?? [];
  return new Set(staying.map((suite) => suite.name));
}
