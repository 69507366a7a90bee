import { useId, useState } from 'react';
import { Checkbox } from '../components/checkbox.tsx';
import { Field, Input, TextArea } from '../components/field.tsx';
import { Select } from '../components/select.tsx';
import { Switch } from '../components/switch.tsx';
import { assertNever } from '../format/assert-never.ts';
import { capitalise } from '../format/words.ts';
import { fieldKind, formatRecord, type JsonSchema, numberProblem, parseRecord, plainSchema } from './schema.ts';
import { SchemaForm } from './schema-form.tsx';
import styles from './schema-form.module.css';

interface SchemaControlProps {
  root: JsonSchema;
  schema: JsonSchema;
  label: string;
  isRequired: boolean;
  /** undefined: its default. */
  value: unknown;
  onChange: (value: unknown) => void;
}

const DEFAULT = '\u0000default';

/** The control that fits one value of a JSON Schema. */
export function SchemaControl(props: SchemaControlProps) {
  const { root, label, isRequired, value, onChange } = props;
  const schema = plainSchema(props.schema, root);
  const field = fieldKind(schema, root);
  const hint = schema.description;
  switch (field.kind) {
    case 'switch':
      return (
        <SwitchRow
          label={label}
          hint={hint}
          checked={(value ?? schema.default ?? false) === true}
          onChange={(checked) => onChange(checked === schema.default ? undefined : checked)}
        />
      );
    case 'object':
      return (
        <div className={styles.group}>
          <SwitchRow
            label={label}
            hint={hint}
            checked={value !== undefined}
            onChange={(checked) => onChange(checked ? {} : undefined)}
          />
          {value !== undefined && (
            <div className={styles.nested}>
              <SchemaForm
                root={root}
                fields={field.fields}
                value={value as Record<string, unknown>}
                onChange={(next) => onChange(next)}
              />
            </div>
          )}
        </div>
      );
    case 'choice': {
      const fallback = typeof schema.default === 'string' ? schema.default : null;
      const options = field.values.map((name) => ({ value: name, label: name }));
      return (
        <Field label={label} hint={hint} isRequired={isRequired}>
          {(control) => (
            <Select
              {...control}
              value={typeof value === 'string' ? value : (fallback ?? DEFAULT)}
              options={fallback === null ? [{ value: DEFAULT, label: 'Default' }, ...options] : options}
              onChange={(next) => onChange(next === DEFAULT || next === fallback ? undefined : next)}
            />
          )}
        </Field>
      );
    }
    case 'choices': {
      const chosen = Array.isArray(value) ? (value as string[]) : Array.isArray(schema.default) ? schema.default : [];
      return (
        <fieldset className={styles.choices}>
          <legend>{label}</legend>
          <div className={styles.boxes}>
            {field.values.map((name) => (
              <Checkbox
                key={name}
                checked={chosen.includes(name)}
                onChange={(checked) => {
                  const next = field.values.filter((other) => (other === name ? checked : chosen.includes(other)));
                  onChange(next.length === 0 ? undefined : next);
                }}
              >
                {capitalise(name.replaceAll(/[-_]/g, ' '))}
              </Checkbox>
            ))}
          </div>
          {hint !== undefined && <p className={styles.hint}>{hint}</p>}
        </fieldset>
      );
    }
    case 'number':
      return <NumberField {...props} hint={hint} field={field} fallback={schema.default} />;
    case 'text':
      return (
        <Field label={label} hint={hint} isRequired={isRequired}>
          {(control) => (
            <Input
              {...control}
              value={typeof value === 'string' ? value : ''}
              placeholder={typeof schema.default === 'string' ? schema.default : undefined}
              maxLength={field.maxLength}
              onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
            />
          )}
        </Field>
      );
    case 'texts':
      return (
        <ParsedField
          {...props}
          hint={hint}
          note="One per line."
          format={(list) => (Array.isArray(list) ? list.join('\n') : '')}
          parse={(text) =>
            text
              .split('\n')
              .map((line) => line.trim())
              .filter((line) => line !== '')
          }
          problem=""
        />
      );
    case 'record':
      return (
        <ParsedField
          {...props}
          hint={hint}
          note="One per line, as Name: value."
          format={formatRecord}
          parse={parseRecord}
          problem="Write each line as Name: value."
        />
      );
    case 'json':
      return (
        <ParsedField
          {...props}
          hint={hint}
          note="As JSON."
          format={(json) => (json === undefined ? '' : JSON.stringify(json, null, 2))}
          parse={parseJson}
          problem="This is not JSON."
        />
      );
    default:
      return assertNever(field);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function SwitchRow({ label, hint, checked, onChange }: SwitchRowProps) {
  const id = useId();
  return (
    <div className={styles.switchRow}>
      <div>
        <p id={`${id}-label`} className={styles.switchLabel}>
          {label}
        </p>
        {hint !== undefined && (
          <p id={`${id}-hint`} className={styles.hint}>
            {hint}
          </p>
        )}
      </div>
      <Switch
        checked={checked}
        onChange={onChange}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
      />
    </div>
  );
}

interface SwitchRowProps {
  label: string;
  hint: string | undefined;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

interface NumberFieldProps extends SchemaControlProps {
  hint: string | undefined;
  field: Extract<ReturnType<typeof fieldKind>, { kind: 'number' }>;
  fallback: unknown;
}

function NumberField({ label, hint, isRequired, value, onChange, field, fallback }: NumberFieldProps) {
  const [text, setText] = useState(textOf(value));
  const problem = text === '' ? null : numberProblem(text, field);
  return (
    <Field label={label} hint={hint} error={problem} isRequired={isRequired}>
      {(control) => (
        <Input
          {...control}
          inputMode="decimal"
          value={text}
          placeholder={textOf(fallback)}
          onChange={(event) => {
            setText(event.target.value);
            onChange(event.target.value === '' ? undefined : toNumber(event.target.value));
          }}
        />
      )}
    </Field>
  );
}

function textOf(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '';
}

/** What is not a number is passed on as it is, so that it is refused with its place. */
function toNumber(text: string): number | string {
  return Number.isNaN(Number(text)) ? text : Number(text);
}

interface ParsedFieldProps extends SchemaControlProps {
  hint: string | undefined;
  note: string;
  format: (value: unknown) => string;
  parse: (text: string) => unknown;
  problem: string;
}

function ParsedField({ label, hint, note, isRequired, value, onChange, format, parse, problem }: ParsedFieldProps) {
  const [text, setText] = useState(() => format(value));
  const isWrong = text.trim() !== '' && parse(text) === null;
  return (
    <Field
      label={label}
      hint={hint === undefined ? note : `${hint} ${note}`}
      error={isWrong ? problem : null}
      isRequired={isRequired}
    >
      {(control) => (
        <TextArea
          {...control}
          rows={3}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            const parsed = event.target.value.trim() === '' ? undefined : parse(event.target.value);
            onChange(parsed === null ? event.target.value : parsed);
          }}
        />
      )}
    </Field>
  );
}
