import { launchChromium, type LaunchedChromium, type LaunchOptions } from './launch-chromium.ts';

/** What a browser calls itself by itself, and in which version. */
interface PlainName {
  readonly version: string;
  readonly userAgent: string;
}

/**
 * Starts browsers whose own user agent ends with a text of ours, in every frame and worker, with the client hints left
 * alone. A browser has to be asked once what it calls itself; then it is started again under the longer name.
 */
export class NamedBrowserLauncher {
  readonly #suffix: string;
  /** By the path of the program. */
  readonly #plainNames = new Map<string, PlainName>();

  /** @param suffix '' for browsers that call themselves what they are called */
  constructor(suffix: string) {
    this.#suffix = suffix;
  }

  /** @throws LegworkError as launchChromium does */
  async launch(options: LaunchOptions): Promise<LaunchedChromium> {
    if (this.#suffix === '') return launchChromium(options);
    const known = this.#plainNames.get(options.executablePath);
    if (known !== undefined) {
      const named = await this.#launchNamed(options, known);
      if (named.information.version === known.version) return named;
      // The program was updated since it was asked.
      void named.close(0);
    }
    const plain = await launchChromium(options);
    const name = { version: plain.information.version, userAgent: plain.userAgent };
    this.#plainNames.set(options.executablePath, name);
    void plain.close(0);
    return this.#launchNamed(options, name);
  }

  #launchNamed(options: LaunchOptions, { userAgent }: PlainName): Promise<LaunchedChromium> {
    const extraArguments = [...(options.extraArguments ?? []), `--user-agent=${userAgent} ${this.#suffix}`];
    return launchChromium({ ...options, extraArguments });
  }
}
