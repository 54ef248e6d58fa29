/** The path of the settings in a repository. */
export const settingsPath = '.github/berth.yml';
