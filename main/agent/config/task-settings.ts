import { taskTypeName } from '../../protocol/fields.ts';
import { textList } from './setting.ts';

/** What tasks may do on this machine. All of it is the host's: no hub and no payload changes it. */
export const taskSettings = {
  disabledTaskTypes: textList(
    {
      description: 'Task types that this machine does not carry out; hubs are not told of them.',
      environment: 'LEGWORK_DISABLED_TASK_TYPES',
      flag: '--disabled-task-types',
    },
    (text) => taskTypeName.parse(text),
    'a comma-separated list such as lighthouse_html',
  ),
};
