import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

const folder = '.github/workflows';
const workflows = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(join(folder, name), 'utf8'),
}));

describe.each(workflows)('.github/workflows/$name', ({ text }) => {
  it('pins every action to a commit, with its version in a comment', () => {
    const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line));
    expect(uses.length).toBeGreaterThan(0);
    for (const line of uses) expect(line).toMatch(/uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('gives its jobs no permission to write by default', () => {
    expect(parse(text).permissions).toEqual({ contents: 'read' });
  });
});

describe('The release', () => {
  const release = workflows.find(({ name }) => name === 'release.yml')?.text ?? '';
  const stepsOf = (job: string): { uses?: string; run?: string; with?: object }[] =>
    parse(release).jobs[job].steps;

  it('never replaces an asset of a published release', () => {
    expect(release).not.toContain('--clobber');
    expect(release).toMatch(/false\) echo "::error::This release is already published/);
  });

  it('never replaces a published image', () => {
    expect(stepsOf('image')).toContainEqual(
      expect.objectContaining({ run: expect.stringMatching(/imagetools inspect.*exit 1/s) }),
    );
  });

  it('attests the provenance and the SBOM of its files and images', () => {
    const attested = (job: string) =>
      stepsOf(job).flatMap(({ uses = '', with: inputs }) =>
        uses.startsWith('actions/attest@') ? [inputs] : [],
      );
    expect(attested('files')).toEqual([
      { 'subject-path': 'release/*' },
      expect.objectContaining({ 'sbom-path': 'release/sbom.spdx.json' }),
    ]);
    expect(attested('image')).toEqual([expect.objectContaining({ 'push-to-registry': true })]);
    expect(stepsOf('image')).toContainEqual(
      expect.objectContaining({ with: expect.objectContaining({ provenance: 'mode=max', sbom: true }) }),
    );
  });
});
