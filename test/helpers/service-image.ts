import type Docker from 'dockerode';

/** Makes an image for services from the runner's: the same programs, without the runner as entrypoint. */
export async function serviceImage(docker: Docker, runnerImage: string): Promise<string> {
  const container = await docker.createContainer({ Image: runnerImage });
  const [repo, tag] = ['berth-service', 'test'];
  await container.commit({ repo, tag, changes: 'ENTRYPOINT ["/usr/bin/env"]' });
  await container.remove({ force: true });
  return `${repo}:${tag}`;
}
