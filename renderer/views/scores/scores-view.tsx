export function ScoresView(_props: { [name: string]: unknown }) {
  return <h1>ScoresView</h1>;
}
