import { Search, X } from 'lucide-react';
import { IconButton } from './button.tsx';
import { Input } from './field.tsx';
import styles from './search-field.module.css';

/** Marks the field that the search shortcut goes to. */
export const SEARCH_FIELD_SELECTOR = '[data-search-field]';

interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
}

/** The search field of a view, which the search shortcut goes to; Esc empties it. */
export function SearchField({ label, value, onChange }: SearchFieldProps) {
  return (
    <div className={styles.search}>
      <Search aria-hidden />
      <Input
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
