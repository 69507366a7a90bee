import { z } from 'zod';
import type { CallHandlers } from '../../../preload/contract.ts';
import type { JsonObject } from '../../protocol/fields.ts';
import type { TaskType } from '../../protocol/task-type.ts';
import { UserInterfaceError } from '../user-interface-error.ts';
import { type CallContext, requireAgent } from './call-context.ts';
import { describeTask } from './describe-task.ts';
import { openArtefacts } from './open-artefacts.ts';

type WorkCalls = Pick<
  CallHandlers,
  | 'snapshot'
  | 'pause'
  | 'resume'
  | 'stopAllNow'
  | 'quit'
  | 'taskTypes'
  | 'enqueue'
  | 'cancelTask'
  | 'retryTask'
  | 'runAgain'
  | 'task'
  | 'openArtefactFolder'
>;

/** Calls about what the agent does and single tasks. */
export function workCalls(context: CallContext): WorkCalls {
  const { keeper, shell, feed } = context;
  return {
    snapshot: () => feed.present(),

    pause: ({ untilMs }) => {
      requireAgent(context).pause('host', '', untilMs);
      return null;
    },

    resume: async () => {
      // One that the operator has stopped is resumed by being started, as soon as it has ended.
      if (keeper.agent === null || keeper.phase === 'stopped') await keeper.start();
      else keeper.agent.resume('host');
      return null;
    },

    stopAllNow: async () => {
      await requireAgent(context).stopAllNow();
      return null;
    },

    quit: ({ how }) => {
      shell.quit(how);
      return null;
    },

    taskTypes: () => keeper.taskTypes.map((type) => describeType(type, keeper.settings.config.disabledTaskTypes)),

    enqueue: (task) => ({ taskId: requireAgent(context).enqueue(task).task.id }),

    cancelTask: ({ taskId }) => ({ done: requireAgent(context).cancel(taskId) }),

    retryTask: ({ taskId }) => ({ done: requireAgent(context).retry(taskId) !== null }),

    runAgain: ({ taskId }) => {
      const agent = requireAgent(context);
      const task = agent.queue.get(taskId);
      if (task === null) throw new UserInterfaceError('no_task', 'There is no such task any more.');
      const payload = keeper.vault?.open(task.payload) ?? task.payload;
      return { taskId: agent.enqueue({ type: task.type, payload, priority: task.priority }).task.id };
    },

    task: ({ taskId }) => describeTask(taskId, context),

    openArtefactFolder: async ({ attemptId }) => ({ done: await openArtefacts(attemptId, context) }),
  };
}

function describeType({ name, summary, lane, payloadSchema }: TaskType, disabled: readonly string[]) {
  // What a program sends is described, so that fields with defaults may be left out.
  const schema = z.toJSONSchema(payloadSchema, { io: 'input', unrepresentable: 'any' });
  return { name, summary, lane, enabled: !disabled.includes(name), payloadSchema: schema as JsonObject };
}
