export function SettingsView(_props: { [name: string]: unknown }) {
  return <h1>SettingsView</h1>;
}
