/** Holds the place of what is on its way, and says so to a screen reader. */
export function Skeleton({ label, rows }: { label: string; rows: 2 | 4 }) {
  return (
    <div className="skeleton" role="status">
      <span className="visually-hidden">{label}</span>
      <i />
      <i />
      {rows === 4 && (
        <>
          <i />
          <i />
        </>
      )}
    </div>
  );
}
