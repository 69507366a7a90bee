import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule } from 'vitest/node';

/**
 * Leaves `N passed, N failed` (and `, N skipped`) in the file that LEGWORK_TEST_SUMMARY names, for the last line of
 * `npm test`. A file that could not be loaded and an error outside all tests count as one failure each.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const path = process.env['LEGWORK_TEST_SUMMARY'];
    if (path === undefined) return;
    const count = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) count[test.result().state] += 1;
      const brokenSuites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
      count.failed += brokenSuites.length + (module.errors().length > 0 ? 1 : 0);
    }
    const skipped = count.skipped + count.pending;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${count.passed} passed, ${count.failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  }
}
