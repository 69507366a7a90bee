import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { LEGWORK_VERSION } from '../../protocol/version.ts';
import type { Agent } from '../agent.ts';
import type { HealthWatch } from './health-watch.ts';
import { HEALTH_CODES } from './messages.ts';

/** Seconds; from a cached page to an audit of several runs. */
const DURATION_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600];

/** The agent's figures in Prometheus' form, in a registry of their own; names begin with `legwork_agent_`. */
export class AgentMetrics {
  readonly registry = new Registry();
  readonly #unsubscribe: () => void;

  constructor(agent: Agent, watch: HealthWatch) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry, prefix: 'legwork_agent_' });
    const attempts = new Counter({
      name: 'legwork_agent_attempts_total',
      help: 'Attempts that came to an end, by how they ended.',
      labelNames: ['type', 'outcome'],
      registers,
    });
    const durations = new Histogram({
      name: 'legwork_agent_attempt_duration_seconds',
      help: 'How long attempts took.',
      labelNames: ['type', 'outcome'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    const delivered = new Counter({
      name: 'legwork_agent_results_delivered_total',
      help: 'Results that the hub has confirmed.',
      registers,
    });
    this.#addState(agent, watch);
    this.#addQueue(agent);
    this.#addUsage(agent);
    this.#unsubscribe = agent.subscribe((event) => {
      if (event.kind === 'delivered') delivered.inc();
      if (event.kind !== 'finished') return;
      const { type, outcome } = event;
      attempts.inc({ type, outcome });
      durations.observe({ type, outcome }, event.durationMs / 1_000);
    });
  }

  stop(): void {
    this.#unsubscribe();
    this.registry.clear();
  }

  #gauge(name: string, help: string, read: () => number): void {
    this.#labelled(name, help, [], (gauge) => gauge.set(read()));
  }

  /** A figure that is read when somebody asks for it. */
  #labelled(name: string, help: string, labelNames: string[], read: (gauge: Gauge) => void): void {
    const collect = function (this: Gauge): void {
      read(this);
    };
    this.registry.registerMetric(
      new Gauge({ name: `legwork_agent_${name}`, help, labelNames, registers: [], collect }),
    );
  }

  #addState(agent: Agent, watch: HealthWatch): void {
    this.#labelled('info', 'Always 1; the labels say what runs.', ['version'], (gauge) => {
      gauge.set({ version: LEGWORK_VERSION }, 1);
    });
    this.#labelled('health_problem', '1 for each problem that it has, 0 for the others.', ['code'], (gauge) => {
      const present = new Set<string>(watch.problems().map(({ code }) => code));
      for (const code of HEALTH_CODES) gauge.set({ code }, present.has(code) ? 1 : 0);
    });
    this.#gauge('start_time_seconds', 'When this start began, Unix seconds.', () => watch.startedAtMs / 1_000);
    this.#gauge('paused', '1 while somebody has paused the agent.', () => (agent.activity === 'paused' ? 1 : 0));
    this.#gauge('may_work', "1 while the host's limits let work start.", () => Number(agent.snapshot().limits.mayWork));
    this.#gauge('hub_connected', '1 while the hub answers.', () => Number(agent.snapshot().link.state === 'connected'));
    this.#gauge('clock_offset_seconds', "The hub's clock minus this machine's.", () => {
      return agent.snapshot().health.clockOffsetMs / 1_000;
    });
    this.#gauge('slow_sites', 'Sites that have asked for fewer visits.', () => agent.slowSites().length);
  }

  #addQueue(agent: Agent): void {
    this.#labelled('queue_tasks', 'Tasks that are kept, by status.', ['status'], (gauge) => {
      for (const [status, count] of Object.entries(agent.queue.statistics().byStatus)) gauge.set({ status }, count);
    });
    this.#gauge(
      'queue_oldest_pending_age_seconds',
      'How long the longest waiting task has waited; 0 without one.',
      () => {
        const { oldestPendingAtMs } = agent.queue.statistics();
        return oldestPendingAtMs === null ? 0 : Math.max(0, (Date.now() - oldestPendingAtMs) / 1_000);
      },
    );
    this.#gauge('queue_set_aside_tasks', 'Pending tasks whose site may not be visited yet.', () => {
      const { page, exclusive } = agent.queue.setAsideCounts();
      return page + exclusive;
    });
    this.#gauge('running_tasks', 'Tasks that are being executed.', () => agent.snapshot().running.length);
    this.#gauge(
      'concurrency_limit_tasks',
      'Pages that may run side by side now.',
      () => agent.snapshot().concurrency.now,
    );
    this.#gauge('outbox_results', 'Results that the hub has not confirmed.', () => agent.queue.outboxCount());
  }

  #addUsage(agent: Agent): void {
    const totals = (): ReturnType<Agent['snapshot']>['usage']['totals'] => agent.snapshot().usage.totals;
    this.#gauge('month_tasks', 'Tasks that have ended this month.', () => totals().tasks);
    this.#gauge('month_browser_time_seconds', 'Time that attempts have taken this month.', () => {
      return totals().browserTimeMs / 1_000;
    });
    this.#gauge('month_received_bytes', 'Bytes that pages have received this month.', () => totals().bytesDown);
    this.#gauge('month_sent_bytes', 'Bytes that pages have sent this month.', () => totals().bytesUp);
  }
}
