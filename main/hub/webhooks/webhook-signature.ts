import { createHmac } from 'node:crypto';

/** Headers of a webhook. A receiver computes the signature itself and compares it in constant time. */
export const WEBHOOK_HEADER = {
  id: 'X-Legwork-Webhook-Id',
  timestamp: 'X-Legwork-Timestamp',
  signature: 'X-Legwork-Signature',
} as const;

/**
 * HMAC-SHA256 of `{timestamp}.{body}` under the webhook secret, as `v1=<64 hex digits>`; the timestamp (Unix seconds)
 * lets the receiver refuse old copies.
 */
export function signWebhook(secret: string, timestamp: number, body: string): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`, 'utf8').digest('hex')}`;
}
