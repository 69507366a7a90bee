import { Input } from '../../components/field.tsx';
import { OUTCOME_WORDS } from '../../components/outcome.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Select } from '../../components/select.tsx';
import { typeLabel } from '../../format/words.ts';
import { useRead } from '../../state/reads.ts';
import type { ListFilter } from './history-filter.ts';
import styles from './history-filters.module.css';

const RANGES = [
  { value: '', label: 'Any time' },
  { value: 'hour', label: 'Last hour' },
  { value: 'today', label: 'Today' },
  { value: 'week', label: 'Last 7 days' },
  { value: 'month', label: 'Last 30 days' },
  { value: 'days', label: 'Choose days…' },
];
const OUTCOMES = [
  { value: '', label: 'Any' },
  ...Object.entries(OUTCOME_WORDS).map(([value, label]) => ({ value, label })),
];

/** What the list is narrowed to: a text, a type, an outcome, a host and a time. */
export function HistoryFilters({ filter, onChange }: { filter: ListFilter; onChange: (filter: ListFilter) => void }) {
  const facets = useRead('historyFacets', null);
  const types = withChosen(facets.data?.types ?? [], filter.type);
  const hosts = withChosen(facets.data?.hosts ?? [], filter.host);
  return (
    <search className={styles.filters}>
      <SearchField
        label="Search address or task id"
        value={filter.text}
        onChange={(text) => onChange({ ...filter, text })}
      />
      <Select
        aria-label="Type"
        prefix="Type"
        value={filter.type}
        options={[{ value: '', label: 'Any' }, ...types.map((type) => ({ value: type, label: typeLabel(type) }))]}
        onChange={(type) => onChange({ ...filter, type })}
      />
      <Select
        aria-label="Outcome"
        prefix="Outcome"
        value={filter.outcome}
        options={OUTCOMES}
        onChange={(outcome) => onChange({ ...filter, outcome })}
      />
      <Select
        aria-label="Host"
        prefix="Host"
        className={styles.host}
        value={filter.host}
        options={[{ value: '', label: 'Any' }, ...hosts.map((host) => ({ value: host, label: host }))]}
        onChange={(host) => onChange({ ...filter, host })}
      />
      <Select
        aria-label="Time"
        value={filter.range}
        options={RANGES}
        onChange={(range) => onChange({ ...filter, range, from: '', to: '' })}
      />
      {filter.range === 'days' && (
        <>
          <Input
            className={styles.day}
            type="date"
            aria-label="From"
            value={filter.from}
            max={filter.to}
            onChange={(event) => onChange({ ...filter, from: event.target.value })}
          />
          <Input
            className={styles.day}
            type="date"
            aria-label="To"
            value={filter.to}
            min={filter.from}
            onChange={(event) => onChange({ ...filter, to: event.target.value })}
          />
        </>
      )}
    </search>
  );
}

/** A chosen value stays in its list, also when the list does not have it (any more). */
function withChosen(values: readonly string[], chosen: string): string[] {
  return chosen === '' || values.includes(chosen) ? [...values] : [chosen, ...values];
}
