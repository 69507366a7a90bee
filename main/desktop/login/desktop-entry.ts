/**
 * Files of the Desktop Entry Specification 1.5 (freedesktop.org), as far as autostart needs them: one group, plain keys.
 */

/** The command line as the value of `Exec`: each argument quoted as the specification says, field codes escaped. */
export function formatExec(commandLine: readonly string[]): string {
  return commandLine.map(quoteArgument).map(escapeString).join(' ');
}

/** In quotes where it has a reserved character; inside, `"`, `` ` ``, `$` and `\` take a backslash, and `%` doubles. */
function quoteArgument(argument: string): string {
  const percent = argument.replaceAll('%', '%%');
  if (percent !== '' && !/[\s"'\\><~|&;$*?#()`]/.test(percent)) return percent;
  return `"${percent.replaceAll(/["`$\\]/g, '\\$&')}"`;
}

/** The escapes of every value of type string; they come on top of the quoting. */
function escapeString(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r');
}

function unescapeString(text: string): string {
  const escapes: Readonly<Record<string, string>> = { s: ' ', n: '\n', t: '\t', r: '\r', '\\': '\\' };
  return text.replaceAll(/\\(.)/g, (whole, letter: string) => escapes[letter] ?? whole);
}

/** The program and its arguments of an `Exec` value as it stands in the file; null when it is malformed. */
export function parseExec(value: string): string[] | null {
  const text = unescapeString(value);
  const parsed: string[] = [];
  let position = 0;
  while (position < text.length) {
    if (text[position] === ' ') {
      position += 1;
      continue;
    }
    const rest = text.slice(position);
    const match = /^"((?:[^"\\]|\\.)*)"(?= |$)/s.exec(rest) ?? /^[^\s"]+/.exec(rest);
    if (match === null) return null;
    const argument = match[1] === undefined ? match[0] : match[1].replaceAll(/\\(.)/gs, '$1');
    parsed.push(argument.replaceAll('%%', '%'));
    position += match[0].length;
  }
  return parsed.length === 0 ? null : parsed;
}

/** The keys of the group `[Desktop Entry]`; those of other groups, and of other languages, are left out. */
export function parseDesktopEntry(content: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  let group = '';
  for (const line of content.split(/\r?\n/)) {
    const header = /^\[(.*)\]\s*$/.exec(line);
    if (header !== null) group = header[1] ?? '';
    const pair = /^([A-Za-z0-9-]+)\s*=\s*(.*?)\s*$/.exec(line);
    if (pair !== null && group === 'Desktop Entry') entries.set(pair[1] ?? '', pair[2] ?? '');
  }
  return entries;
}
