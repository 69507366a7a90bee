/** Whether an address may be opened in the person's browser: https, without a password in it. */
export function mayOpenExternally(url: string): boolean {
  if (url.length > 8_000 || !URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return protocol === 'https:' && username === '' && password === '';
}
