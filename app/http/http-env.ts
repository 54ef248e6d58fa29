/** How the errors of a route are worded, where clients of an older system read them. */
export interface ErrorStyle {
  /** The text for a request that breaks the schema of the route. */
  readonly invalid?: string;
  /** The text for an internal error. */
  readonly failed?: string;
  /** Whether the text stands under `error` as well: the older test runner had it there. */
  readonly errorField?: boolean;
}

/** The state of one request in the HTTP layer. */
export interface HttpEnv {
  Variables: {
    requestId: string;
    errorStyle?: ErrorStyle;
  };
}
