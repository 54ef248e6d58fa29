import type { Host, Place } from '../../../action/host.ts';

/** The job of a test. It records what a step writes, and its clock moves only while the step waits. */
export interface RecordingHost extends Host {
  /** The log, as the runner reads it. */
  readonly log: () => string;
  readonly lines: () => string[];
  readonly outputs: Record<string, string>;
  readonly variables: Record<string, string>;
  readonly state: Record<string, string>;
  readonly annotations: { message: string; place: Place }[];
  readonly summary: () => string;
  readonly failures: string[];
  readonly warnings: string[];
  /** Runs during each wait. */
  meanwhile: () => void | Promise<void>;
}

export function recordingHost(): RecordingHost {
  let log = '';
  let summary = '';
  let now = Date.parse('2026-01-01T00:00:00Z');
  let secrets = 0;
  const line = (text: string): void => {
    log += `${text}\n`;
  };
  const host: RecordingHost = {
    log: () => log,
    lines: () => log.split('\n').slice(0, -1),
    summary: () => summary,
    outputs: {},
    variables: {},
    state: {},
    annotations: [],
    failures: [],
    warnings: [],
    meanwhile: () => undefined,
    async print(text) {
      log += text;
    },
    info: line,
    warning(message) {
      host.warnings.push(message);
      line(`::warning::${message}`);
    },
    fail(message) {
      host.failures.push(message);
      line(`::error::${message}`);
    },
    annotate(message, place) {
      host.annotations.push({ message, place });
      line(`::error::${message}`);
    },
    startGroup: (title) => line(`::group::${title}`),
    endGroup: () => line('::endgroup::'),
    setOutput(name, value) {
      host.outputs[name] = value;
    },
    exportVariable(name, value) {
      host.variables[name] = value;
    },
    saveState(name, value) {
      host.state[name] = value;
    },
    async appendSummary(markdown) {
      summary += markdown;
    },
    now: () => now,
    async pause(milliseconds) {
      now += milliseconds;
      await host.meanwhile();
    },
    secret() {
      secrets += 1;
      return secrets.toString(16).padStart(48, '0');
    },
    random: () => 1,
  };
  return host;
}
