import { Search, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { IconButton } from './button.tsx';
import { Input } from './field.tsx';
import styles from './search-field.module.css';

/** Marks the field that the search shortcut goes to. */
export const SEARCH_FIELD_SELECTOR = '[data-search-field]';

/** A view that takes longer than this to show its field does not move the cursor any more. */
const WANTED_FOR_MS = 2_000;

let wantedUntilMs = 0;

/** Puts the cursor into the search field of the view that is about to be shown. */
export function wantSearchField(): void {
  wantedUntilMs = performance.now() + WANTED_FOR_MS;
}

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

/** The search field of a view, which the search shortcut goes to; Esc empties it. */
export function SearchField({ label, value, onChange }: SearchFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (performance.now() < wantedUntilMs) field.current?.focus();
  }, []);
  return (
    <div className={styles.search}>
      <Search aria-hidden />
      <Input
        ref={field}
        data-search-field=""
        type="text"
        role="searchbox"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value !== '') onChange('');
          else if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      {value !== '' && (
        <IconButton label="Clear search" size="small" onClick={() => onChange('')}>
          <X aria-hidden />
        </IconButton>
      )}
    </div>
  );
}
