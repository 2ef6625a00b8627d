import { cn } from "./cn.tsx";

/** A thin line above content that is being refreshed; the old content stays readable below it. */
export function ProgressBar({ active, className }: { active: boolean; className?: string | undefined }) {
  return (
    <div aria-hidden className={cn("h-0.5 w-full overflow-hidden", className)}>
      {active && <div className="h-full w-1/4 animate-sweep bg-accent" />}
    </div>
  );
}
