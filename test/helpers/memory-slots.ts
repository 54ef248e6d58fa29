import type { ProjectId } from '../../app/core/model/ids.ts';
import {
  type ProjectSlotLimits,
  projectRoomFor,
  roomFor,
  type SlotClaim,
  type SlotsView,
  vcpusOf,
} from '../../app/core/model/slots.ts';
import type { SlotStore } from '../../app/ports/store.ts';

/** Slots as the port promises them, each call atomic. */
export function memorySlots(): SlotStore {
  const active = new Map<string, SlotClaim>();
  const waiting = new Map<string, SlotClaim>();
  const limits = new Map<ProjectId, ProjectSlotLimits>();
  const view = (): SlotsView => ({
    active: [...active.values()],
    waiting: [...waiting.values()],
    projectLimits: new Map(limits),
  });
  return {
    async read() {
      return view();
    },
    async take(claim, { tasks, cpuUnits, ofProject: limit = {} }, from) {
      const taken = [...active.values()];
      const ofProject = taken.filter(({ projectId }) => projectId === claim.projectId);
      const vcpus = ofProject.reduce((sum, one) => sum + vcpusOf(one), 0);
      const used = taken.reduce((sum, one) => sum + one.cpuUnits, 0);
      const isAllowed =
        !active.has(claim.runId) &&
        (from === 'line' ? waiting.has(claim.runId) : waiting.size === 0) &&
        taken.length < (tasks ?? Number.POSITIVE_INFINITY) &&
        ofProject.length < (limit.tasks ?? Number.POSITIVE_INFINITY) &&
        (limit.vcpus === undefined || vcpus <= projectRoomFor(claim, limit.vcpus)) &&
        (cpuUnits === undefined || used <= roomFor(claim, cpuUnits));
      if (!isAllowed) return false;
      waiting.delete(claim.runId);
      active.set(claim.runId, claim);
      return true;
    },
    async enqueue(claim, ofProject) {
      if (active.has(claim.runId)) return undefined;
      waiting.set(claim.runId, claim);
      if (Object.keys(ofProject).length === 0) limits.delete(claim.projectId);
      else limits.set(claim.projectId, ofProject);
      return view();
    },
    async leave(claim) {
      active.delete(claim.runId);
      waiting.delete(claim.runId);
      return view();
    },
  };
}
