import { runMain } from './berth.js';

await runMain();
