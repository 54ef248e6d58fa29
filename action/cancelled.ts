/** The workflow was cancelled. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';

  constructor() {
    super('The workflow was cancelled.');
  }
}
