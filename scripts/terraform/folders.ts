import { readdirSync } from 'node:fs';

const within = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${folder}/${name}`);

export const modules: readonly string[] = ['terraform', ...within('terraform/modules')];
export const examples: readonly string[] = within('terraform/examples');
/** Every folder that is a Terraform module. */
export const folders: readonly string[] = [...modules, ...examples];
