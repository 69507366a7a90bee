import { describeError } from '../../protocol/describe-error.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { Agent } from '../agent.ts';
import type { AgentOptions } from '../agent-options.ts';
import { AgentMetrics } from './agent-metrics.ts';
import { controlCalls } from './calls.ts';
import { CONTROL_KEY_FILE, METRICS_TOKEN_FILE, openControlSecret } from './control-keys.ts';
import { ControlServer } from './control-server.ts';
import { HealthWatch } from './health-watch.ts';

/** An agent that is started again takes the port over from itself, which may be just closing it. */
const TRIES = 5;
const TRY_AGAIN_MS = 200;

/** @throws Error with the system's code when the port stays taken */
async function listenSoon(server: ControlServer, port: number, clock: Clock): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await server.listen(port);
      return;
    } catch (error) {
      if (tries === TRIES || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await clock.sleep(TRY_AGAIN_MS);
    }
  }
}

/**
 * Serves the control API of a started agent until it has stopped. An agent whose API cannot be served works all the
 * same; the log says why.
 */
export async function attachControlApi(agent: Agent, options: AgentOptions): Promise<void> {
  const { config, clock, log } = options;
  const { controlPort: port, dataFolder } = config;
  const watch = new HealthWatch(agent, clock);
  const metrics = new AgentMetrics(agent, watch);
  const end = (): void => {
    watch.stop();
    metrics.stop();
  };
  try {
    const key = await openControlSecret(dataFolder, CONTROL_KEY_FILE);
    const token = await openControlSecret(dataFolder, METRICS_TOKEN_FILE);
    const calls = controlCalls(agent, watch, clock);
    const server = new ControlServer({ calls, key, metrics: { registry: metrics.registry, token }, clock, log });
    await listenSoon(server, port, clock);
    log.info('the control API is served', { address: `http://127.0.0.1:${port}` });
    const unsubscribe = agent.subscribe((event) => {
      if (event.kind !== 'changed' || agent.activity !== 'stopped') return;
      unsubscribe();
      end();
      void server.close();
    });
  } catch (error) {
    end();
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
    const problem = isTaken
      ? `Port ${port} is taken by another program. Choose another with LEGWORK_CONTROL_PORT, or end that program.`
      : describeError(error);
    log.error('the control API is not served; the agent works without it', { problem });
  }
}
