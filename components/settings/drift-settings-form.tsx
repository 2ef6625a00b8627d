"use client";

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { LAYER_WORDS } from "#lib/client/compare";
import {
  layersBetween,
  type SettingsDraft,
  settingsDraft,
  settingsOf,
} from "#lib/client/drift-settings-draft";
import { fleetKeys } from "#lib/client/fleet";
import { displayText, formatPlural } from "#lib/client/format";
import { previewDriftSettings, setDriftSettings } from "#lib/client/maintenance";
import type { DriftSettingsView } from "#lib/contracts/drift-setting";
import { LAYERS } from "#lib/domain/layers";
import { ReasonDialog } from "../onboarding/reason-dialog.tsx";
import { useUnsavedGuard } from "../policies/use-unsaved-guard.ts";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Timestamp } from "../ui/timestamp.tsx";
import { announceDone } from "../ui/toast.tsx";
import { DriftSettingsLayer } from "./drift-settings-layer.tsx";
import { SettingsPreview } from "./drift-settings-preview.tsx";

/** All layers at once: they are saved together as one version, after a look at what they would change. */
export function DriftSettingsForm({ view }: { view: DriftSettingsView }) {
  const { settings, defaults, version, history } = view;
  const queryClient = useQueryClient();
  const router = useRouter();
  const saved = settingsDraft(settings);
  const [draft, setDraft] = useState<SettingsDraft>(saved);
  const [saving, setSaving] = useState(false);
  const reason = useDisabledReason("drift:tune");
  const changed = layersBetween(saved, draft);
  const proposed = settingsOf(draft);
  const { waiting, stay } = useUnsavedGuard(changed.length > 0);
  const preview = useMutation({ mutationFn: previewDriftSettings });
  function change(next: SettingsDraft) {
    setDraft(next);
    // What it said is about other values.
    preview.reset();
  }
  const blocked = reason ?? blockedBy(changed.length, proposed !== null);
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <ul aria-label="Layers" className="rounded-[6px] border border-line">
        {LAYERS.map((layer) => (
          <DriftSettingsLayer
            key={layer}
            layer={layer}
            draft={draft[layer]}
            defaults={defaults[layer]}
            readOnly={reason !== null}
            onChange={(next) => change({ ...draft, [layer]: next })}
          />
        ))}
      </ul>
      <div className="flex flex-wrap items-center gap-2">
        <GuardedButton
          reason={blocked}
          pending={preview.isPending}
          onClick={() => proposed && preview.mutate({ settings: proposed })}
        >
          What would change
        </GuardedButton>
        <GuardedButton variant="primary" reason={blocked} onClick={() => setSaving(true)}>
          Save
        </GuardedButton>
        {changed.length > 0 && (
          <Button variant="ghost" onClick={() => change(saved)}>
            Discard changes
          </Button>
        )}
        <span className="min-w-0 text-small break-words text-muted">
          {changed.length > 0 && `Changed: ${changed.map((layer) => LAYER_WORDS[layer]).join(", ")}`}
        </span>
      </div>
      {preview.error && <FormProblem error={preview.error} />}
      {preview.data && <SettingsPreview preview={preview.data} />}
      <History history={history} />
      <ReasonDialog
        open={saving}
        onOpenChange={setSaving}
        title="Save the drift settings?"
        verb="Save the settings"
        minLength={10}
        ready={proposed !== null}
        act={async (why) => {
          if (!proposed) return;
          const done = await setDriftSettings({ version, settings: proposed, reason: why });
          announceDone({ title: `Version ${done.version} of the drift settings holds` });
          await queryClient.invalidateQueries({ queryKey: fleetKeys.all });
        }}
      >
        <p className="text-data">
          They hold from now on for {changed.map((layer) => LAYER_WORDS[layer]).join(", ")}; what was judged
          before stays as it is. Every node is compared again.
        </p>
      </ReasonDialog>
      <ConfirmDialog
        open={waiting !== null}
        onOpenChange={(open) => !open && stay()}
        title="Leave without saving?"
        verb="Leave and discard"
        pending={false}
        problem={null}
        onConfirm={() => {
          const href = waiting;
          setDraft(saved);
          stay();
          if (href !== null) router.push(href);
        }}
      >
        <p className="text-data">{formatPlural(changed.length, "changed layer")} would be discarded.</p>
      </ConfirmDialog>
    </div>
  );
}

function blockedBy(layers: number, right: boolean): string | null {
  if (layers === 0) return "Nothing is changed.";
  return right ? null : "A field is not filled in right.";
}

/** Who set what, and why. */
function History({ history }: Pick<DriftSettingsView, "history">) {
  if (history.length === 0) return null;
  return (
    <section aria-label="Versions">
      <h2 className="label pb-1.5">Versions</h2>
      <ul className="flex flex-col gap-1 text-small text-muted">
        {history.map(({ version, at, by, reason }) => (
          <li key={version} className="break-words">
            <span className="font-medium text-fg">{version}</span> by {by ?? "somebody"}{" "}
            <Timestamp iso={at} />: {displayText(reason).text}
          </li>
        ))}
      </ul>
    </section>
  );
}
