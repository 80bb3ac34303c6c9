/** The page's own icons, drawn on a 20-pixel grid. They decorate; the words beside them carry the meaning. */
const paths = {
  upload:
    "M10 13.500V4m0 0L6 8m4-4 4 4M4 13v2.500A1.500 1.500 0 0 0 5.500 17h9a1.500 1.500 0 0 0 1.500-1.500V13",
  check: "m4.500 10.500 3.500 3.500 7.500-8",
  alert: "M10 6v5m0 3v.01M10 2.500a7.500 7.500 0 1 1 0 15 7.500 7.500 0 0 1 0-15z",
  info: "M10 9v5m0-8v.01M10 2.500a7.500 7.500 0 1 1 0 15 7.500 7.500 0 0 1 0-15z",
  link: "M8 5H5.500A1.500 1.500 0 0 0 4 6.500v8A1.500 1.500 0 0 0 5.500 16h8a1.500 1.500 0 0 0 1.500-1.500V12M11 4h5v5m0-5-7 7",
  close: "m5 5 10 10M15 5 5 15",
  chevron: "m6 8 4 4 4-4",
  pencil:
    "m4 16 .8-3.200L13 4.600a1.400 1.400 0 0 1 2 0l.4.400a1.400 1.400 0 0 1 0 2L7.200 15.200z",
  pause: "M7 5v10m6-10v10",
  play: "M7 4.500v11l9-5.500z",
  film: "M3.500 4.500h13v11h-13zM7 4.500v11m6-11v11M3.500 8H7m-3.500 4H7m6-4h3.500M13 12h3.500",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

export function BrandMark() {
  return (
    <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" />
      <path d="M8 9.500v13l8-6.500zM16 9.500v13l8.500-6.500z" />
    </svg>
  );
}
