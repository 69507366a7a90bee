import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../main/agent/config/configuration-error.ts';
import { agentCatalogue } from '../../main/commands/agent-catalogue.ts';

describe('the task types of an agent', () => {
  it('are all known by their names, or the configuration is wrong', () => {
    expect(() => agentCatalogue({ disabledTaskTypes: ['lighthouse'] })).toThrow(ConfigurationError);
    const without = agentCatalogue({ disabledTaskTypes: ['lighthouse_html'] });
    expect(without.list().map(({ name }) => name)).toEqual(['website_html']);
  });
});
