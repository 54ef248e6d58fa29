/** A session of an AWS role for one hold of a stack. */
export interface RoleSessionRequest {
  /** The ARN. */
  readonly role: string;
  /** Identifies the project. The trust policy of a role says which one may use it. */
  readonly externalId: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly durationSeconds: number;
  /** After this moment AWS refuses every call of the session, however long it was issued for. */
  readonly endsAt?: Date;
}

export interface RoleSession {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiresAt: Date;
}

/** Issues temporary credentials of AWS roles. */
export interface RoleSessions {
  /** @throws BerthError `role_refused` if this installation or AWS does not allow it. */
  assume(request: RoleSessionRequest): Promise<RoleSession>;
}
