const MARKER = /<!-- generated: (\w+) -->\n[\s\S]*?<!-- end of generated -->/g;

/**
 * The document with the content of each `<!-- generated: name -->` … `<!-- end of generated -->` replaced; the
 * formatter is told to leave it alone.
 * @throws Error when a marker has no content or a content has no marker
 */
export function fillMarkers(document: string, contents: ReadonlyMap<string, string>): string {
  const missing = new Set(contents.keys());
  const filled = document.replace(MARKER, (_whole, name: string) => {
    const content = contents.get(name);
    if (content === undefined) throw new Error(`The document has a marker ${name} that nothing is generated for.`);
    missing.delete(name);
    const ignored = `<!-- prettier-ignore-start -->\n\n${content}\n\n<!-- prettier-ignore-end -->`;
    return `<!-- generated: ${name} -->\n\n${ignored}\n\n<!-- end of generated -->`;
  });
  if (missing.size > 0) throw new Error(`The document has no marker for ${[...missing].join(', ')}.`);
  return filled;
}
