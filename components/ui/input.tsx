import type { InputHTMLAttributes, ReactNode, Ref, TextareaHTMLAttributes } from "react";
import { cn } from "./cn.tsx";

const BOX =
  "w-full min-w-0 rounded-[4px] border border-control bg-bg px-2.5 text-data text-fg disabled:opacity-50 aria-invalid:border-danger pointer-coarse:text-[16px]";

export function Input({
  className,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> }) {
  return <input {...rest} className={cn("touch h-8", BOX, className)} />;
}

export function Textarea({
  className,
  ...rest
}: TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> }) {
  return <textarea {...rest} className={cn("py-1.5", BOX, className)} />;
}

/**
 * A control with its label, hint and error. The control must carry `id={id}`, and
 * `aria-describedby={fieldHintId(id)}` when there is a hint or an error.
 */
export function Field({
  id,
  label,
  hint,
  error,
  children,
}: {
  id: string;
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  children: ReactNode;
}) {
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-small font-medium text-fg">
        {label}
      </label>
      {children}
      <div id={fieldHintId(id)} className="text-small">
        {error ? (
          <p role="alert" className="text-danger">
            {error}
          </p>
        ) : (
          hint && <p className="text-muted">{hint}</p>
        )}
      </div>
    </div>
  );
}

export function fieldHintId(id: string): string {
  return `${id}-hint`;
}
