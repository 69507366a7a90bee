import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { JobStatus } from './store/job-rows.ts';

/** What the gauges show, read when somebody looks. */
export interface MetricSources {
  jobCounts(): { type: string; status: JobStatus; count: number }[];
  waitingAgents(): number;
  oldestPendingAgeSeconds(): number;
}

/** The hub's figures in Prometheus' form, in a registry of their own. */
export class HubMetrics {
  readonly registry = new Registry();
  readonly jobsCreated: Counter<'type'>;
  readonly jobsFinished: Counter<'type' | 'outcome'>;
  readonly leasesGranted: Counter;
  readonly leasesExpired: Counter;
  readonly blobUploadBytes: Counter;
  readonly webhooks: Counter<'outcome'>;
  readonly failedAuthentications: Counter;
  readonly requests: Histogram<'method' | 'route' | 'status'>;

  constructor() {
    const registers = [this.registry];
    this.jobsCreated = new Counter({
      name: 'legwork_hub_jobs_created_total',
      help: 'Jobs that operators asked for.',
      labelNames: ['type'],
      registers,
    });
    this.jobsFinished = new Counter({
      name: 'legwork_hub_jobs_finished_total',
      help: 'Jobs that came to an end.',
      labelNames: ['type', 'outcome'],
      registers,
    });
    this.leasesGranted = new Counter({
      name: 'legwork_hub_leases_granted_total',
      help: 'Jobs that were handed out.',
      registers,
    });
    this.leasesExpired = new Counter({
      name: 'legwork_hub_leases_expired_total',
      help: 'Leases that nobody renewed in time.',
      registers,
    });
    this.blobUploadBytes = new Counter({
      name: 'legwork_hub_blob_upload_bytes_total',
      help: 'Encoded bytes of blobs that agents sent.',
      registers,
    });
    this.webhooks = new Counter({
      name: 'legwork_hub_webhook_attempts_total',
      help: 'Attempts to deliver a webhook.',
      labelNames: ['outcome'],
      registers,
    });
    this.failedAuthentications = new Counter({
      name: 'legwork_hub_failed_authentications_total',
      help: 'Calls whose signature or bearer key was refused.',
      registers,
    });
    this.requests = new Histogram({
      name: 'legwork_hub_request_duration_seconds',
      help: 'Time from request to answer; held requests for work included.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.002, 0.01, 0.05, 0.25, 1, 5, 60],
      registers,
    });
  }

  /** Adds the gauges that are read on demand. */
  watch(sources: MetricSources): void {
    this.registry.registerMetric(
      new Gauge({
        name: 'legwork_hub_jobs',
        help: 'Jobs by type and status.',
        labelNames: ['type', 'status'],
        registers: [],
        collect() {
          this.reset();
          for (const { type, status, count } of sources.jobCounts()) this.set({ type, status }, count);
        },
      }),
    );
    this.registry.registerMetric(
      new Gauge({
        name: 'legwork_hub_waiting_agents',
        help: 'Requests for work that are held open.',
        registers: [],
        collect() {
          this.set(sources.waitingAgents());
        },
      }),
    );
    this.registry.registerMetric(
      new Gauge({
        name: 'legwork_hub_oldest_pending_job_age_seconds',
        help: 'Age of the oldest job that waits; 0 when none does.',
        registers: [],
        collect() {
          this.set(sources.oldestPendingAgeSeconds());
        },
      }),
    );
  }
}
