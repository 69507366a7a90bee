import type { Result } from 'lighthouse';
import { lighthouseCategory, type LighthouseCategory } from './payload.ts';
import type { LighthouseMetrics, LighthouseRun, LighthouseScores } from './result.ts';

/** What a result keeps of one run, out of Lighthouse's own result. */
export function summariseRun(report: Result): LighthouseRun {
  return { scores: scoresOf(report), metrics: metricsOf(report), benchmarkIndex: report.environment.benchmarkIndex };
}

function scoresOf(report: Result): LighthouseScores {
  const scores: Partial<Record<LighthouseCategory, number | null>> = {};
  for (const category of lighthouseCategory.options) {
    const score = report.categories[category]?.score;
    if (score !== undefined) scores[category] = score === null ? null : Math.round(score * 100);
  }
  return scores;
}

function metricsOf(report: Result): LighthouseMetrics {
  const milliseconds = (audit: string): number | null => numericValue(report, audit, 1);
  return {
    fcpMs: milliseconds('first-contentful-paint'),
    lcpMs: milliseconds('largest-contentful-paint'),
    tbtMs: milliseconds('total-blocking-time'),
    cls: numericValue(report, 'cumulative-layout-shift', 4),
    speedIndexMs: milliseconds('speed-index'),
    ttiMs: milliseconds('interactive'),
  };
}

function numericValue(report: Result, audit: string, decimals: number): number | null {
  const value = report.audits[audit]?.numericValue;
  return value === undefined || !Number.isFinite(value) ? null : Number(value.toFixed(decimals));
}

/** Audits that failed to run (not those that the page failed), with Lighthouse's words about each. */
export function erroredAudits(report: Result): { id: string; message: string }[] {
  return Object.values(report.audits)
    .filter((audit) => audit.scoreDisplayMode === 'error')
    .map((audit) => ({ id: audit.id, message: firstLine(audit.errorMessage ?? 'no message') }));
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').slice(0, 500);
}

/**
 * The index of the run to report. Lighthouse's own rule (nearest to the median FCP and TTI) where the runs have both;
 * where only other categories were audited, the run whose scores add up to the median.
 */
export async function medianRunIndex(reports: readonly Result[]): Promise<number> {
  if (reports.length === 1) return 0;
  const haveBoth = reports.every((report) =>
    ['first-contentful-paint', 'interactive'].every((audit) => Boolean(report.audits[audit]?.numericValue)),
  );
  if (haveBoth) {
    const { computeMedianRun } = await import('lighthouse/core/lib/median-run.js');
    return reports.indexOf(computeMedianRun([...reports]));
  }
  const sums = reports.map((report, index) => ({ index, sum: sumOfScores(report) }));
  sums.sort((a, b) => a.sum - b.sum);
  return sums[Math.floor((sums.length - 1) / 2)]?.index ?? 0;
}

function sumOfScores(report: Result): number {
  return Object.values(report.categories).reduce((sum, category) => sum + (category.score ?? 0), 0);
}
