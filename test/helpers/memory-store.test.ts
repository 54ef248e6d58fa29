import { describeStore } from '../contract/store.ts';
import { memoryStore } from './memory-store.ts';

describeStore('the store of the property tests', async () => ({
  store: memoryStore(),
  close: async () => {},
}));
