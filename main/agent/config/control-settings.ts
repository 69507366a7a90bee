import { wholeNumber } from './setting.ts';

/** The API by which programs of this machine watch and steer the agent; part of the agent's configuration. */
export const controlSettings = {
  controlPort: wholeNumber(
    {
      description: 'Port of the control API, on 127.0.0.1 only; 0 switches it off. See docs/control-api.md.',
      environment: 'LEGWORK_CONTROL_PORT',
      flag: '--control-port',
    },
    { minimum: 0, maximum: 65_535, fallback: 0 },
  ),
};
