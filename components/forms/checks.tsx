"use client";

export type Choice = { value: string; words: string };

/** Something that is so or is not. */
export function Switch({
  label,
  checked,
  onChange,
}: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}) {
  return (
    <label className="touch flex min-h-7 items-center gap-2 text-small">
      <input
        type="checkbox"
        className="size-4 shrink-0 accent-accent"
        checked={checked}
        onChange={({ target }) => onChange(target.checked)}
      />
      <span className="min-w-0 break-words">{label}</span>
    </label>
  );
}

/** Several of a list. */
export function Checks({
  legend,
  hint,
  empty,
  choices,
  chosen,
  onChange,
}: {
  legend: string;
  hint?: string;
  /** Said instead of a list without choices. */
  empty?: string;
  choices: readonly Choice[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}) {
  return (
    <fieldset className="min-w-0 rounded-[6px] border border-line p-3">
      <legend className="label px-1">{legend}</legend>
      {hint && <p className="text-small text-muted">{hint}</p>}
      {choices.length === 0 && <p className="text-small text-muted">{empty}</p>}
      <div className="max-h-48 overflow-y-auto">
        {choices.map(({ value, words }) => (
          <Switch
            key={value}
            label={words}
            checked={chosen.includes(value)}
            onChange={(on) => onChange(on ? [...chosen, value] : chosen.filter((one) => one !== value))}
          />
        ))}
      </div>
    </fieldset>
  );
}
