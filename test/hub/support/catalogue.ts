import { z } from 'zod';
import { jsonObject } from '../../../main/protocol/fields.ts';
import { TaskCatalogue } from '../../../main/protocol/task-type.ts';

/** Two task types, one for each lane. */
export const catalogue = new TaskCatalogue(
  (
    [
      ['website_html', 'page'],
      ['lighthouse_html', 'exclusive'],
    ] as const
  ).map(([name, lane]) => ({
    name,
    version: 1,
    summary: `Tests ${name}.`,
    lane,
    payloadSchema: z.strictObject({
      url: z.url({ protocol: /^https?$/ }),
      timeoutMs: z.number().int().max(120_000).default(30_000),
    }),
    resultSchema: jsonObject,
    deadlineMs: () => 30_000,
  })),
);
