/** How the errors of a route are worded, where clients of an older system read them. */
export interface ErrorStyle {
  /** What a request that breaks the route's schema is told. */
  readonly invalid?: string;
  /** What a failure of ours is told. */
  readonly failed?: string;
  /** Whether the text stands under `error` as well: the older test runner had it there. */
  readonly errorField?: boolean;
}

/** What the HTTP layer keeps of a request while it is answered. */
export interface HttpEnv {
  Variables: {
    requestId: string;
    errorStyle?: ErrorStyle;
  };
}
