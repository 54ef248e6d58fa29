/** The workflow was canceled. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';

  constructor() {
    super('The workflow was canceled.');
  }
}
