import { describe, expect, it } from '@jest/globals';
import { LostRace } from '../../../app/core/model/errors.ts';
import { type Project, projectSettingsSchema } from '../../../app/core/model/project.ts';
import type { Store } from '../../../app/ports/store.ts';
import { found, minute, newKey, newProject, newProjectId } from './samples.ts';

/** Projects and their keys. */
export function projectsContract(store: () => Store): void {
  describe('a project', () => {
    it('is stored with all of its fields', async () => {
      const project = newProject({
        settings: projectSettingsSchema.parse({
          projectName: 'Ship',
          maxStacks: 3,
          allowedHosts: ['git.example'],
        }),
        github: { repositoryId: 1, installationId: 2, owner: 'o', name: 'r', defaultBranch: 'main' },
        suspendedAt: minute(3),
      });
      expect(await store().projects.create(project)).toBe(true);
      expect(await store().projects.get(project.id)).toEqual(project);
    });

    it('is not found under an unused ID', async () => {
      expect(await store().projects.get(newProjectId())).toBeUndefined();
    });

    it('is created once under an ID', async () => {
      const project = newProject();
      await store().projects.create(project);
      expect(await store().projects.create({ ...project, name: 'another' })).toBe(false);
      expect((await store().projects.get(project.id))?.name).toBe(project.name);
    });

    it('is replaced only with the latest revision', async () => {
      const project = newProject();
      await store().projects.create(project);
      await store().projects.replace(project, { ...project, name: 'first', modified: minute(2) });
      await expect(
        store().projects.replace(project, { ...project, name: 'second', modified: minute(3) }),
      ).rejects.toThrow(LostRace);
      expect((await store().projects.get(project.id))?.name).toBe('first');
    });

    it('is replaced once by two writers with the same revision, even within one millisecond', async () => {
      const project = newProject();
      await store().projects.create(project);
      await store().projects.replace(project, { ...project, name: 'first' });
      await expect(store().projects.replace(project, { ...project, name: 'second' })).rejects.toThrow(
        LostRace,
      );
      const seen = found(await store().projects.get(project.id));
      expect(seen.name).toBe('first');
      await store().projects.replace(seen, { ...seen, name: 'third' });
      expect((await store().projects.get(project.id))?.name).toBe('third');
    });

    it('that does not exist cannot be replaced', async () => {
      const project = newProject();
      await expect(store().projects.replace(project, project)).rejects.toThrow(LostRace);
      expect(await store().projects.get(project.id)).toBeUndefined();
    });

    it('appears in the list of projects, page by page', async () => {
      const projects = [newProject(), newProject(), newProject()];
      for (const project of projects) await store().projects.create(project);
      const listed: Project[] = [];
      let cursor: string | undefined;
      do {
        const page = await store().projects.list(cursor);
        listed.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== undefined);
      for (const project of projects) expect(listed).toContainEqual(project);
      expect(new Set(listed.map((project) => project.id)).size).toBe(listed.length);
    });

    it('is listed only from a valid cursor', async () => {
      await expect(store().projects.list('not a cursor')).rejects.toMatchObject({ code: 'cursor_invalid' });
    });
  });

  describe('an API key', () => {
    it('is found by its hash', async () => {
      const key = newKey(newProjectId(), { allProjects: true, scope: 'admin' });
      expect(await store().projects.createKey(key)).toBe(true);
      expect(await store().projects.findKey(key.hash)).toEqual(key);
      expect(await store().projects.findKey(`${key.hash}0`)).toBeUndefined();
    });

    it('is created once', async () => {
      const key = newKey(newProjectId());
      await store().projects.createKey(key);
      expect(await store().projects.createKey({ ...key, name: 'another' })).toBe(false);
      expect((await store().projects.findKey(key.hash))?.name).toBe(key.name);
    });

    it('is listed with its project, in order of creation', async () => {
      const project = newProjectId();
      const second = newKey(project, { created: minute(2) });
      const first = newKey(project, { created: minute(1) });
      for (const key of [second, first, newKey(newProjectId())]) await store().projects.createKey(key);
      expect(await store().projects.listKeys(project)).toEqual([first, second]);
    });

    it('is revoked from the first revocation on', async () => {
      const key = newKey(newProjectId());
      await store().projects.createKey(key);
      expect(await store().projects.revokeKey(key.hash, minute(3))).toBe(true);
      expect(await store().projects.revokeKey(key.hash, minute(9))).toBe(true);
      expect((await store().projects.findKey(key.hash))?.revoked).toEqual(minute(3));
      expect(await store().projects.listKeys(key.projectId)).toEqual([{ ...key, revoked: minute(3) }]);
    });

    it('that does not exist cannot be revoked', async () => {
      expect(await store().projects.revokeKey('no such hash', minute(3))).toBe(false);
      expect(await store().projects.findKey('no such hash')).toBeUndefined();
    });
  });
}
