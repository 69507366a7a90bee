export function FirstRunView(_props: { [name: string]: unknown }) {
  return <h1>FirstRunView</h1>;
}
