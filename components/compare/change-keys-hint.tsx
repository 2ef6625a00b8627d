/** Which keys walk from one change to the next. */
export function ChangeKeysHint() {
  return (
    <span className="text-small text-muted max-md:hidden">
      <kbd className="font-mono">n</kbd> next, <kbd className="font-mono">p</kbd> previous change
    </span>
  );
}
