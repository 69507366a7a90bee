import { keyLabel } from '../format/words.ts';
import { type JsonSchema, type SchemaField } from './schema.ts';
import { SchemaControl } from './schema-control.tsx';
import styles from './schema-form.module.css';

interface SchemaFormProps {
  /** The whole schema, for references in it. */
  root: JsonSchema;
  fields: readonly SchemaField[];
  /** Only what was entered; what is missing takes its default. */
  value: Record<string, unknown>;
  onChange: (value: Record<string, unknown>) => void;
}

/** A form for the fields of an object of a JSON Schema. */
export function SchemaForm({ root, fields, value, onChange }: SchemaFormProps) {
  return (
    <div className={styles.form}>
      {fields.map((field) => (
        <SchemaControl
          key={field.name}
          root={root}
          schema={field.schema}
          label={keyLabel(field.name)}
          isRequired={field.isRequired}
          value={value[field.name]}
          onChange={(next) => {
            const { [field.name]: _before, ...rest } = value;
            onChange(next === undefined ? rest : { ...rest, [field.name]: next });
          }}
        />
      ))}
    </div>
  );
}
