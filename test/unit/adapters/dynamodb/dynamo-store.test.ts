import { describeStore } from '../../contracts/store.ts';
import { openEmbeddedStore } from './open-embedded-store.ts';

describeStore('DynamoDB, embedded,', openEmbeddedStore);
