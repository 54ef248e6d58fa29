import { buildGroup } from '../../../../app/core/model/build-failure.ts';
import { omitUndefined } from '../../../../app/lib/omit-undefined.ts';
import { draftCase } from '../result-case.ts';
import type { LineFindings } from './line-reader.ts';

export interface BuildError {
  readonly file: string;
  readonly line?: number | undefined;
  readonly message: string;
}

const maxErrors = 50;

/** Gathers the errors of a compiler or an interpreter, one for each place. */
export function createBuildErrors(): { add(error: BuildError): void; findings(): LineFindings | undefined } {
  const found: BuildError[] = [];
  return {
    add(error) {
      const isKnown = found.some(({ file, line }) => file === error.file && line === error.line);
      if (!isKnown && found.length < maxErrors) found.push(error);
    },
    findings() {
      if (found.length === 0) return undefined;
      const drafts = found.map(({ file, line, message }) => ({
        ...draftCase(line === undefined ? file : `${file}:${line}`, buildGroup, 'failed'),
        ...omitUndefined({ file, line, message }),
      }));
      return { tool: buildGroup, drafts, isPartial: true };
    },
  };
}
