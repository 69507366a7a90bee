import { createHash, timingSafeEqual } from 'node:crypto';

/** Tells whether an `Authorization` header carries the operator's key, in constant time whatever is given. */
export function createKeyCheck(operatorKey: string): (authorization: string | undefined) => boolean {
  const expected = digest(operatorKey);
  return (authorization) => {
    const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
