import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const project = fileURLToPath(new URL('../..', import.meta.url));
const documents = [
  'README.md',
  ...readdirSync(join(project, 'docs'), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md') && existsSync(join(project, name)));

describe.each(documents)('%s', (name) => {
  const text = readFileSync(join(project, name), 'utf8');

  it('names only files and folders of the project that are there', () => {
    const named = [...text.matchAll(/`((?:main|build|test)\/[\w./-]*\w)`/g)].map(([, path = '']) => path);
    expect(named.filter((path) => !existsSync(join(project, path)))).toEqual([]);
  });

  it('links only to documents that are there', () => {
    const folder = dirname(join(project, name));
    const linked = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !/^[a-z]+:/.test(target));
    expect(linked.filter((target) => !existsSync(resolve(folder, target)))).toEqual([]);
  });
});
