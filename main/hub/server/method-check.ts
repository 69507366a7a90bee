/** Which methods each path has, so that a known path with another method is answered with 405 and not with 404. */
export class MethodCheck {
  readonly #routes = new Map<string, { pattern: RegExp; methods: Set<string> }>();

  /** @param path as routes are declared, such as `/api/jobs/:id` */
  add(path: string, methods: readonly string[]): void {
    let route = this.#routes.get(path);
    if (route === undefined) {
      const pattern = path
        .split('/')
        .map((part) => (part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
      route = { pattern: new RegExp(`^${pattern.join('/')}$`), methods: new Set() };
      this.#routes.set(path, route);
    }
    for (const method of methods) route.methods.add(method);
  }

  /** The methods that a path has; none when there is no such path. */
  methodsOf(path: string): string[] {
    const found = new Set<string>();
    for (const { pattern, methods } of this.#routes.values()) {
      if (pattern.test(path)) for (const method of methods) found.add(method);
    }
    return [...found].sort();
  }
}
