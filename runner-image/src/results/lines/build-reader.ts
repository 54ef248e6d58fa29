import { buildGroup } from '../../../../app/core/model/build-failure.ts';
import { type CaseDraft, draftCase } from '../result-case.ts';
import type { LineReader } from './line-reader.ts';

interface BuildError {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** How compilers write an error on one line: the place, then what is wrong. */
const errors: readonly RegExp[] = [
  // gcc, clang, swiftc, javac
  /^(\S[^:\n]{0,300}\.\w{1,10}):(\d{1,7})(?::\d{1,7})?: (?:fatal )?error: (.+)$/,
  // tsc, msbuild
  /^\s*(\S[^(\n]{0,300}\.\w{1,10})\((\d{1,7}),\d{1,7}\): error ((?:TS|CS|FS|BC|MSB)\d+: .+?)(?: \[[^\]]*\])?$/,
  /^(\S[^:\n]{0,300}\.[cm]?tsx?):(\d{1,7}):\d{1,7} - error (TS\d+: .+)$/,
  // Maven
  /^\[ERROR\] (\S[^:[\n]{0,300}\.(?:java|kt|scala|groovy)):\[(\d{1,7}),\d{1,7}\] (.+)$/,
  // kotlinc
  /^e: (?:file:\/\/)?(\S[^:\n]{0,300}\.kts?):(\d{1,7}):\d{1,7}:? (.+)$/,
  // vet and build of Go
  /^(?:vet: )?(\S[^:\n]{0,300}\.go):(\d{1,7}):\d{1,7}: (.+)$/,
];
const maxErrors = 50;

/** Reads the errors of compilers, for runs that end before any test begins. */
export function createBuildReader(): LineReader {
  const found: BuildError[] = [];
  /** The message of rustc, which writes the place on the next line. */
  let pending: string | undefined;

  function add(error: BuildError): void {
    const isKnown = found.some((each) => each.file === error.file && each.line === error.line);
    if (!isKnown && found.length < maxErrors) found.push(error);
  }

  return {
    line(line) {
      for (const pattern of errors) {
        const [, file, number, message] = pattern.exec(line) ?? [];
        if (file !== undefined && message !== undefined) add({ file, line: Number(number), message });
      }
      const [, file, number] = /^\s*--> (\S+):(\d+):\d+$/.exec(line) ?? [];
      if (pending !== undefined && file !== undefined) add({ file, line: Number(number), message: pending });
      const [, message] = /^error(?:\[E\d+\])?: (.+)$/.exec(line) ?? [];
      pending = message;
    },
    end: () =>
      found.length === 0 ? undefined : { tool: buildGroup, drafts: found.map(draftOf), isPartial: true },
  };
}

function draftOf({ file, line, message }: BuildError): CaseDraft {
  return { ...draftCase(`${file}:${line}`, buildGroup, 'failed'), file, line, message };
}
