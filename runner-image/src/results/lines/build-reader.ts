import { createBuildErrors } from './build-errors.ts';
import type { LineReader } from './line-reader.ts';

/** How compilers write an error on one line: the place, then what is wrong. */
const errors: readonly RegExp[] = [
  // gcc, clang, swiftc, javac, esbuild
  /^(\S[^:\n]{0,300}\.\w{1,10}):(\d{1,7})(?::\d{1,7})?: (?:fatal error|error|ERROR): (.+)$/,
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

/** Reads the errors of compilers, for runs that end before any test begins. */
export function createBuildReader(): LineReader {
  const { add, findings } = createBuildErrors();
  /** The message of rustc, which writes the place on the next line. */
  let pending: string | undefined;

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
    end: findings,
  };
}
