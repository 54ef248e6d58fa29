/** The error texts of a route that clients of an older system read. */
export interface ErrorStyle {
  /** The text for a request that breaks the schema of the route. */
  readonly invalid?: string;
  /** The text for an internal error. */
  readonly failed?: string;
  /** Whether the text is also in `error`, where the older test runner had it. */
  readonly errorField?: boolean;
}

/** The state of one request in the HTTP layer. */
export interface HttpEnv {
  Variables: {
    requestId: string;
    errorStyle?: ErrorStyle;
  };
}
