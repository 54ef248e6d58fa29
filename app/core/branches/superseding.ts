import type { Settings } from '../../domain/settings.ts';

/** Suites whose runs for older commits go on (`cancelSuperseded: false`). */
export function suitesThatStay(settings: Settings | undefined): ReadonlySet<string> {
  const staying = settings?.suites.filter((suite) => suite.cancelSuperseded === false) ?? [];
  return new Set(staying.map((suite) => suite.name));
}
