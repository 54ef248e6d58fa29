/** Where GitHub's API and its pages are. */
export interface GithubAddresses {
  readonly apiUrl: string;
  /** Where repositories are cloned from, and people look at them. */
  readonly webUrl: string;
}

const githubCom: GithubAddresses = { apiUrl: 'https://api.github.com', webUrl: 'https://github.com' };

/**
 * The addresses of github.com, of a tenant of GitHub Enterprise Cloud (`<tenant>.ghe.com`), or of a GitHub Enterprise
 * Server.
 *
 * @param host with or without a scheme, a path, or `api.`, as people paste it.
 * @see https://docs.github.com/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
 */
export function githubAddresses(host: string | undefined, protocol: string): GithubAddresses {
  const [, scheme = protocol, bare = ''] = /^(?:(https?):\/\/)?([^/]*)/i.exec(host?.trim() ?? '') ?? [];
  const name = bare.toLowerCase();
  if (name === '' || /^(www\.|api\.)?github\.com$/.test(name)) return githubCom;
  if (name.endsWith('.ghe.com')) {
    const tenant = name.replace(/^api\./, '');
    return { apiUrl: `https://api.${tenant}`, webUrl: `https://${tenant}` };
  }
  const webUrl = `${scheme.toLowerCase()}://${name}`;
  return { apiUrl: `${webUrl}/api/v3`, webUrl };
}
