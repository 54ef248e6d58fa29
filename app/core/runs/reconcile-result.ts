/** What one step of a run's advance says: look again at once, or leave it until it is due. */
export type Step = 'go on' | 'rest';
