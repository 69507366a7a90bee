import type { AnyTaskDefinition } from '../task-definition.ts';
import { lighthouseHtml } from './lighthouse-html.ts';
import { websiteHtml } from './website-html.ts';

/** Every task type that Legwork knows. */
export const taskDefinitions: readonly AnyTaskDefinition[] = [websiteHtml, lighthouseHtml];
