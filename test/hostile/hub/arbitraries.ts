import fc from 'fast-check';

/** Texts that have broken programs before: paths, terminals, databases, prototypes, addresses, sizes. */
const WICKED_TEXTS = [
  '',
  '../../../../etc/passwd',
  '..\\..\\windows\\system32',
  '/etc/passwd',
  'C:\\CON',
  '~/.ssh/id_ed25519',
  'a\u0000b',
  '\u001b[2J\u001b]0;title\u0007',
  '\ud800',
  '\u202etxt.exe',
  '\u2028\u2029',
  '__proto__',
  'constructor',
  'toString',
  '$sealed',
  "'; DROP TABLE tasks; --",
  '${process.exit(1)}',
  '`id`',
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'file:///etc/passwd',
  'http://127.0.0.1/',
  'http://[::1]:22/',
  'http://169.254.169.254/latest/meta-data/',
  'http://user:pass@example.org/',
  'http://exa\tmple.org/\r\nX-Injected: 1',
  '1e999',
  'NaN',
  '-1',
  'A'.repeat(70_000),
  '💥'.repeat(5_000),
] as const;

export const wickedText: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...WICKED_TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 40 }) },
);

const wickedNumber: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(0, -0, -1, 1.5, 2 ** 31, 2 ** 53, 2 ** 63, 1e308, -1e308, 5e-324),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Any JSON value, often an odd one. Keys like `__proto__` become own properties, as they do in parsed JSON. */
export const wickedValue: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.constantFrom(null, true, false),
    wickedNumber,
    wickedText,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(wickedText, tie('value')), { maxLength: 4 }).map((entries) => ownEntries(entries)),
  ),
})).value;

/** An object with exactly these own properties. */
export function ownEntries(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, value] of entries) setOwn(object, name, value);
  return object;
}

/** The valid value with one or a few of its parts replaced, removed, renamed or multiplied. */
export function mutated(valid: unknown): fc.Arbitrary<unknown> {
  const change = fc.record({
    place: fc.nat(),
    how: fc.constantFrom('replace', 'remove', 'add', 'multiply'),
    value: wickedValue,
    name: wickedText,
  });
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce<unknown>((value, each) => changeAt(value, structuredClone(each)), structuredClone(valid)),
    );
}

interface Change {
  place: number;
  how: string;
  value: unknown;
  name: string;
}

/** Changes one node of the tree: the `place`-th in order of a walk through it. */
function changeAt(root: unknown, { place, how, value, name }: Change): unknown {
  const nodes: { parent: object; key: string }[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, child] of Object.entries(node)) {
      nodes.push({ parent: node, key });
      walk(child);
    }
  };
  walk(root);
  const node = nodes[place % Math.max(1, nodes.length)];
  if (node === undefined) return value;
  const { parent, key } = node;
  if (how === 'remove') delete (parent as Record<string | number, unknown>)[key];
  else if (how === 'replace') setOwn(parent, key, value);
  // JSON gives an array no names, and nothing can give it another `length`.
  else if (how === 'add' && Array.isArray(parent)) parent.push(value);
  else if (how === 'add') setOwn(parent, name, value);
  else
    setOwn(
      parent,
      key,
      Array.from({ length: 50 }, () => (parent as Record<string | number, unknown>)[key]),
    );
  return root;
}

function setOwn(object: object, name: string | number, value: unknown): void {
  Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}
