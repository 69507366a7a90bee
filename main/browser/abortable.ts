/**
 * The promise's value, or the signal's reason as soon as it aborts. What the promise comes to after that is handed to
 * `onLate`, so that nothing opened is lost.
 * @throws the signal's reason; whatever the promise rejects with
 */
export function abortable<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  onLate: (value: Value) => void = () => {},
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    void promise
      .then((value) => (signal.aborted ? onLate(value) : resolve(value)))
      .catch(reject)
      .finally(() => signal.removeEventListener('abort', onAbort));
  });
}
