/**
 * zod brings its messages in fifty languages, more than half of its size. Nothing shows them, and each has to be read
 * at every start.
 */
export const englishOnly = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};
