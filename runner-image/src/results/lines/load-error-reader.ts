import { type BuildError, createBuildErrors } from './build-errors.ts';
import type { LineReader } from './line-reader.ts';

const pythonError = /^((?:SyntaxError|IndentationError|TabError|ImportError|ModuleNotFoundError): .+)$/;
const nodeError =
  /^(SyntaxError: .+|ReferenceError: .+ in ES module scope.*|Error(?: \[[A-Z_]+\])?: (?:Cannot find (?:module|package)|require\(\) of ES Module) .+)$/;
const ofDependencies = /(?:^|\/)(?:site-packages|dist-packages|node_modules)\/|^<|\/lib\/python\d/;

/**
 * Reads what Python and Node print about a file that is missing or not valid. It stops them before any test, as an error
 * of a compiler does.
 */
export function createLoadErrorReader(): LineReader {
  const { add, findings } = createBuildErrors();
  /** The place that was named last. */
  let place: Omit<BuildError, 'message'> | undefined;
  /** An error of Node, which lists the files that led to it on the next lines. */
  let pending: string | undefined;

  function readPlace(line: string): void {
    const [, file, number] =
      /^ {2}File "(.+?)", line (\d+)/.exec(line) ??
      /^(?:file:\/\/)?(\/.+\.[cm]?[jt]sx?):(\d+)$/.exec(line) ??
      /^- (\/.+\.[cm]?[jt]sx?)$/.exec(line) ??
      [];
    if (file === undefined || ofDependencies.test(file)) return;
    place = { file, line: number === undefined ? undefined : Number(number) };
    if (pending !== undefined) add({ ...place, message: pending });
    pending = undefined;
  }

  return {
    line(line) {
      if (/^(?:Traceback \(most recent call last\)|Node\.js v\d)/.test(line)) {
        place = undefined;
        pending = undefined;
      }
      readPlace(line);
      const message = pythonError.exec(line)?.[1] ?? nodeError.exec(line)?.[1];
      if (message === undefined) return;
      const [text = '', importer] = message.split(/ imported from (?:file:\/\/)?(?=\/)/);
      if (importer !== undefined) add({ file: importer, message: text });
      else if (place !== undefined) add({ ...place, message });
      else if (nodeError.test(line)) pending = message;
      place = undefined;
    },
    end: findings,
  };
}
