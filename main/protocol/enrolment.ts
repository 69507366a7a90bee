import { z } from 'zod';
import { identifier } from './fields.ts';

/**
 * A one-time enrolment token, `lwt_<id>_<key>`: the id names it at the hub (`X-Worker-Id: token:<id>`), the key signs
 * the enrolment call and its answer, so that neither travels.
 */
const TOKEN_PATTERN = /^lwt_([0-9a-f]{16})_([0-9a-f]{64})$/;

/** The two halves of an enrolment token, or null when the text is not one. */
export function parseEnrolmentToken(text: string): { tokenId: string; key: string } | null {
  const match = TOKEN_PATTERN.exec(text.trim());
  return match?.[1] !== undefined && match[2] !== undefined ? { tokenId: match[1], key: match[2] } : null;
}

/** The text of an enrolment token. */
export function formatEnrolmentToken(tokenId: string, key: string): string {
  return `lwt_${tokenId}_${key}`;
}

/** The `X-Worker-Id` of a call that is signed with an enrolment token's key. */
export function enrolmentWorkerId(tokenId: string): string {
  return `token:${tokenId}`;
}

/** `POST /internal/enrol`. A repeat with the same token and instance gives the same worker and secret. */
export const enrolRequest = z.object({
  instanceId: identifier,
  label: z.string().max(100).describe('How the host calls this machine; may be empty.'),
  agentVersion: z.string().max(50),
});
export type EnrolRequest = z.infer<typeof enrolRequest>;

export const workerSecret = z.string().min(16).max(256);

export const enrolResponse = z.object({ workerId: identifier, secret: workerSecret });
export type EnrolResponse = z.infer<typeof enrolResponse>;

/**
 * `POST /internal/rotate-secret`, answered with a new secret; a repeat gives the same one until it is used. The old
 * one stays valid until the overlap after the first use of the new one is over.
 */
export const rotateSecretRequest = z.object({ sessionId: identifier });
export const rotateSecretResponse = z.object({ secret: workerSecret });
export type RotateSecretResponse = z.infer<typeof rotateSecretResponse>;
