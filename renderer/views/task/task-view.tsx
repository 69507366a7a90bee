export function TaskView(_props: { [name: string]: unknown }) {
  return <h1>TaskView</h1>;
}
