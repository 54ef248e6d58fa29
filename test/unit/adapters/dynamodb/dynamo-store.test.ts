import { describeStore } from '../../../contract/store.ts';
import { openEmbeddedStore } from './open-embedded-store.ts';

describeStore('DynamoDB, embedded,', openEmbeddedStore);
