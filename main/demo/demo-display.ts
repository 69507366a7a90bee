/** How a job stands, for the display. */
export interface JobView {
  /** Short name of the task type. */
  kind: string;
  title: string;
  status: 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';
  percent: number;
  stage: string;
}

/** Shows how the jobs go on while they do. */
export interface DemoDisplay {
  /** The jobs as they stand now, always in the same order. */
  update(jobs: readonly JobView[]): void;
}

export interface DisplayOptions {
  /** A terminal gets a block that is drawn anew; a file gets a line for each change. */
  isTerminal: boolean;
  columns: () => number;
  write: (text: string) => void;
  nowMs: () => number;
}

const MARK: Readonly<Record<JobView['status'], string>> = {
  pending: '·',
  processing: '▸',
  completed: '✓',
  failed: '✗',
  cancelled: '–',
};

function describeStatus({ status, percent, stage }: JobView): string {
  if (status === 'pending') return 'waiting';
  if (status !== 'processing') return status;
  return `${String(percent).padStart(3)} % ${stage}`;
}

/** A bar of ten cells. */
function bar(percent: number): string {
  const full = Math.round(percent / 10);
  return '█'.repeat(full) + '░'.repeat(10 - full);
}

/** Redraws one line a job, and a summary. */
function createTerminalDisplay({ columns, write, nowMs }: DisplayOptions): DemoDisplay {
  const startedAtMs = nowMs();
  let drawnLines = 0;

  function draw(jobs: readonly JobView[]): void {
    const done = jobs.filter(({ status }) => status !== 'pending' && status !== 'processing').length;
    const seconds = Math.round((nowMs() - startedAtMs) / 1_000);
    const titleWidth = Math.max(...jobs.map(({ title }) => title.length));
    const lines = jobs.map((job) => {
      const cells = bar(job.status === 'completed' ? 100 : job.status === 'processing' ? job.percent : 0);
      return `${MARK[job.status]} ${job.kind.padEnd(10)} ${job.title.padEnd(titleWidth)} ${cells} ${describeStatus(job)}`;
    });
    lines.push(`${done} of ${jobs.length} done, ${seconds} s`);
    const width = Math.max(20, columns() - 1);
    const up = drawnLines === 0 ? '' : `\u001b[${drawnLines}A`;
    write(up + lines.map((line) => `\u001b[2K${line.slice(0, width)}\n`).join(''));
    drawnLines = lines.length;
  }
  return { update: draw };
}

/** One line for each change of a status. */
function createLineDisplay({ write, nowMs }: DisplayOptions): DemoDisplay {
  const startedAtMs = nowMs();
  const shown: string[] = [];
  return {
    update(jobs) {
      jobs.forEach((job, index) => {
        if (shown[index] === job.status || (shown[index] === undefined && job.status === 'pending')) return;
        shown[index] = job.status;
        const seconds = ((nowMs() - startedAtMs) / 1_000).toFixed(1).padStart(6);
        const status = job.status === 'processing' ? 'started' : job.status;
        write(`${seconds} s  ${status.padEnd(9)}  ${job.kind.padEnd(10)}  ${job.title}\n`);
      });
    },
  };
}

export function createDemoDisplay(options: DisplayOptions): DemoDisplay {
  return options.isTerminal ? createTerminalDisplay(options) : createLineDisplay(options);
}
