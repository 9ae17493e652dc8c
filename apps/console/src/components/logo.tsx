/** Two streams that become one, and a record on its way. */
export function Logo({ size = 22 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="none" aria-hidden="true">
      <g stroke="var(--lf-accent)" strokeWidth="3.2" strokeLinecap="round">
        <path d="M4 8h8c6 0 5 8 11 8h5" />
        <path d="M4 24h8c6 0 5-8 11-8" />
      </g>
      <circle cx="6" cy="16" r="2.5" fill="#e0952b" />
    </svg>
  )
}
