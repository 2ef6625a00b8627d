"use client";

import { cn } from "#components/ui/cn";
import { LAYER_WORDS } from "#lib/client/compare";
import {
  DRAFT_FIELDS,
  type DraftField,
  draftProblem,
  type LayerDraft,
  layerDraft,
  layerSentence,
  settingOf,
} from "#lib/client/drift-settings-draft";
import type { Settings } from "#lib/contracts/drift-setting";
import type { Layer } from "#lib/domain/layers";
import { Button } from "../ui/button.tsx";
import { Input } from "../ui/input.tsx";

const FIELD_WORDS: Readonly<Record<DraftField, string>> = {
  unexplained: "Unexplained",
  malicious_like: "Malicious-like",
  benign: "Benign",
  authorised: "Authorised",
  degradeAt: "Degrades from",
  failAt: "Fails from",
};

/** One layer: what a difference of each class weighs, and the sums that matter. */
export function DriftSettingsLayer({
  layer,
  draft,
  defaults,
  readOnly,
  onChange,
}: {
  layer: Layer;
  draft: LayerDraft;
  defaults: Settings[Layer];
  readOnly: boolean;
  onChange: (draft: LayerDraft) => void;
}) {
  const builtIn = layerDraft(defaults);
  const problem = draftProblem(draft);
  const differs = DRAFT_FIELDS.some((field) => draft[field] !== builtIn[field]);
  const name = LAYER_WORDS[layer];
  const hint = `${layer}-hint`;
  return (
    <li className="border-b border-line px-3 py-2.5 last:border-b-0">
      <fieldset className="min-w-0">
        <legend className="sr-only">{name}</legend>
        <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <div className="min-w-0 flex-1 basis-64">
            <h2 className="text-data font-semibold">{name}</h2>
            <p id={hint} className={cn("text-small", problem ? "text-danger" : "text-muted")}>
              {problem ? `${FIELD_WORDS[problem.field]}: ${problem.detail}` : layerSentence(settingOf(draft))}
            </p>
          </div>
          {differs && !readOnly && (
            <Button size="sm" aria-label={`Reset ${name}`} onClick={() => onChange(builtIn)}>
              Reset
            </Button>
          )}
        </div>
        <div className="grid grid-cols-2 gap-x-3 gap-y-2 pt-1.5 sm:grid-cols-3 lg:grid-cols-6">
          {DRAFT_FIELDS.map((field) => {
            const id = `${layer}-${field}`;
            return (
              <div key={field} className="min-w-0">
                <label htmlFor={id} className="text-small">
                  {FIELD_WORDS[field]}
                </label>
                <Input
                  id={id}
                  inputMode="numeric"
                  maxLength={7}
                  readOnly={readOnly}
                  placeholder={field === "degradeAt" || field === "failAt" ? "never" : undefined}
                  value={draft[field]}
                  onChange={(event) => onChange({ ...draft, [field]: event.target.value })}
                  aria-invalid={problem?.field === field || undefined}
                  aria-describedby={hint}
                  className="tabular-nums"
                />
                <p
                  className={cn(
                    "text-small",
                    draft[field] === builtIn[field] ? "text-muted" : "font-medium text-fg",
                  )}
                >
                  default {builtIn[field] === "" ? "never" : builtIn[field]}
                </p>
              </div>
            );
          })}
        </div>
      </fieldset>
    </li>
  );
}
