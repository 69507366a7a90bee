/** What one check of the doctor found. */
export interface CheckResult {
  name: string;
  status: 'ok' | 'warn' | 'fail';
  /** What was found, in one sentence. */
  detail: string;
  /** What to do about it; empty when all is well. */
  advice: string;
}

export function ok(name: string, detail: string): CheckResult {
  return { name, status: 'ok', detail, advice: '' };
}

export function warn(name: string, detail: string, advice: string): CheckResult {
  return { name, status: 'warn', detail, advice };
}

export function fail(name: string, detail: string, advice: string): CheckResult {
  return { name, status: 'fail', detail, advice };
}
