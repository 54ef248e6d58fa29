import type { z } from '@hono/zod-openapi';
import type { ApiKey, Project } from '../../core/model/project.ts';
import type { Caller } from '../auth/caller.ts';
import type { keySchema, projectSchema } from '../schemas/project.ts';

export function projectView({ github, ...project }: Project, caller: Caller): z.output<typeof projectSchema> {
  return {
    id: project.id,
    name: project.name,
    settings: project.settings,
    created: project.created.toISOString(),
    modified: project.modified.toISOString(),
    github:
      github === undefined
        ? null
        : {
            repositoryId: github.repositoryId,
            owner: github.owner,
            name: github.name,
            defaultBranch: github.defaultBranch,
          },
    suspendedAt: project.suspendedAt?.toISOString() ?? null,
    scope: caller.scopeIn(project.id) ?? 'read',
  };
}

/** Never includes the hash, which would let a reader check guesses offline. */
export function keyView(key: ApiKey): z.output<typeof keySchema> {
  return {
    id: key.id,
    name: key.name,
    scope: key.scope,
    allProjects: key.allProjects,
    created: key.created.toISOString(),
    revoked: key.revoked?.toISOString() ?? null,
  };
}
