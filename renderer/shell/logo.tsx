/** The mark of Legwork. */
export function Logo({ size = '1.375rem' }: { size?: string }) {
  return (
    <svg viewBox="0 0 32 32" style={{ width: size, height: size }} aria-hidden>
      <rect width="32" height="32" rx="8.5" fill="var(--accent)" />
      <path
        d="M10 7.5v13.8a2.7 2.7 0 0 0 2.7 2.7h9.3"
        fill="none"
        stroke="#fff"
        strokeWidth="3.4"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="21" cy="12" r="3.1" fill="#fff" />
    </svg>
  );
}
