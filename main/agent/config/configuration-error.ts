/**
 * Wrong settings, all that were found at once. Each problem is one line that names the setting as the user wrote it,
 * the value and what is allowed.
 */
export class ConfigurationError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigurationError';
    this.problems = problems;
  }
}
