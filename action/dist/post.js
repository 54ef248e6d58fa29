import { runPost } from './berth.js';

await runPost();
