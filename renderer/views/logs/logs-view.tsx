export function LogsView(_props: { [name: string]: unknown }) {
  return <h1>LogsView</h1>;
}
