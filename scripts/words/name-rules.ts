/**
 * Words that names in code avoid. A name is compared as its words in lower case, separated by spaces: `seekStack` is
 * "seek stack".
 */
export interface NameRule {
  pattern: string;
  instead: string;
}

const name = (words: string, instead: string): NameRule => ({
  pattern: `(?:^| )(?:${words})(?= |$)`,
  instead,
});

export const nameRules: readonly NameRule[] = [
  name('nobody|somebody|everybody|whoever|who', 'a noun: user, caller, holder, publicAccess'),
  name('wish|wishes', 'requirement, options'),
  name('lapse|lapses|lapsed|overdue', 'expire, expired'),
  name('seek|seeks|sought', 'acquire'),
  name('leave slot|leave stack|give back|gives back|gave back|given back|give backs', 'release'),
  name('heal|heals|healed', 'reclaim'),
  name('point|unpoint|pointed', 'reserve, unreserve'),
  name(
    'taking|takings|hand over|make room|serve line',
    'AcquireParams, transferHold, evictIdle, grantWaiters',
  ),
  name('look again', 'enqueue'),
  name('advance run', 'reconcileRun'),
  name('sparing|in turn|keyed turns|until settled', 'cachingStore, serialize, KeyedQueue, retryOnConflict'),
  name('prove|proves|proved', 'verify'),
  name('limit guesses', 'authFailureLimiter'),
  name('carry out comment|tell latest', 'handleComment, republishLatest'),
  name('upkeep', 'maintenance'),
  name('at rest|wake installation', 'suspend, resume'),
  name('the berth|finding of|examine|github face', 'getContainer, check, github-integration'),
  name('either executor|ending stream', 'routingExecutor, timeLimitedStream'),
  name('believed until|came too late', 'validUntil, isHolderClosed'),
  name('suites that stay', 'uncancellableSuites'),
];
