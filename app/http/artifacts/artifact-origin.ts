/**
 * Where artifacts open in the browser: an origin whose pages cannot touch the session of the dashboard. It has another
 * host name, since cookies do not distinguish ports.
 */
export interface ArtifactOrigin {
  /** Returns the origin for a person who uses the dashboard at a host, such as `https://artifacts.example.com`. */
  originFor(dashboardHost: string): string | undefined;
  /** Tells whether requests to a host are for artifacts; such a host serves nothing else. */
  serves(host: string): boolean;
}

/** Artifacts at a separate host name. */
export function fixedArtifactOrigin(url: string): ArtifactOrigin {
  const { origin, host } = new URL(url);
  return { originFor: () => origin, serves: (asked) => asked === host };
}

/**
 * Artifacts on a second port of this machine, at the other name of loopback: `localhost` for a dashboard at `127.0.0.1`,
 * and vice versa.
 */
export function loopbackArtifactOrigin(port: number): ArtifactOrigin {
  const names: ReadonlyMap<string, string> = new Map([
    ['127.0.0.1', 'localhost'],
    ['[::1]', 'localhost'],
    ['localhost', '127.0.0.1'],
  ]);
  return {
    originFor: (host) => {
      const other = names.get(hostnameOf(host));
      return other === undefined ? undefined : `http://${other}:${port}`;
    },
    serves: (host) => Number(host.split(':').at(-1)) === port && names.has(hostnameOf(host)),
  };
}

function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '');
}
