import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../main/agent/config/configuration-error.ts';
import { agentCatalogue } from '../../main/commands/agent-catalogue.ts';

describe('the task types of an agent', () => {
  it('get no more time than the host allows, whatever a payload says', () => {
    const catalogue = agentCatalogue({ disabledTaskTypes: [], maxTaskMs: 10_000 });
    for (const name of ['website_html', 'lighthouse_html']) {
      const payload = catalogue.parsePayload(name, { url: 'https://a.example/', timeoutMs: 120_000 });
      expect(catalogue.get(name).deadlineMs(payload)).toBe(10_000);
    }
  });

  it('keep their own where that is less', () => {
    const catalogue = agentCatalogue({ disabledTaskTypes: [], maxTaskMs: 3_600_000 });
    const payload = catalogue.parsePayload('website_html', { url: 'https://a.example/', timeoutMs: 1_000 });
    expect(catalogue.get('website_html').deadlineMs(payload)).toBeLessThan(100_000);
  });

  it('are all known by their names, or the configuration is wrong', () => {
    expect(() => agentCatalogue({ disabledTaskTypes: ['lighthouse'], maxTaskMs: 1e6 })).toThrow(ConfigurationError);
    const without = agentCatalogue({ disabledTaskTypes: ['lighthouse_html'], maxTaskMs: 1e6 });
    expect(without.list().map(({ name }) => name)).toEqual(['website_html']);
  });
});
