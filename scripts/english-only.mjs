/**
 * Removes zod's messages in other languages. They are more than half of its size, nothing shows them, and each start
 * would load them.
 */
export const englishOnly = {
  name: 'english-only',
  setup({ onLoad }) {
    onLoad({ filter: /\/zod\/v4\/locales\/index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};
