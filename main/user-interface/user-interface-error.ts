/** Why something that a person asked for was not done: `code` for the window, the message for the person. */
export class UserInterfaceError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'UserInterfaceError';
    this.code = code;
  }
}
