/** The bundle: `dist/index.js` calls the main step, and `dist/post.js` the post step. */
export { runMain } from './main.ts';
export { runPost } from './post.ts';
