import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { cn } from "./cn.tsx";

type Variant = "primary" | "secondary" | "ghost" | "danger";
type Size = "sm" | "md";

const VARIANT: Record<Variant, string> = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover",
  secondary: "border border-line-strong bg-bg text-fg hover:bg-hover",
  ghost: "text-muted hover:bg-hover hover:text-fg",
  danger: "bg-danger text-on-danger hover:opacity-90",
};

const SIZE: Record<Size, string> = { sm: "h-7 px-2 text-small", md: "h-8 px-3 text-data" };

/** Look of a button for links that act like one. */
export function buttonClass(variant: Variant = "secondary", size: Size = "md"): string {
  return cn(
    "touch inline-flex shrink-0 items-center justify-center gap-1.5 rounded-[4px] font-medium whitespace-nowrap select-none",
    "transition-colors duration-100 disabled:pointer-events-none disabled:opacity-50",
    "aria-disabled:cursor-not-allowed aria-disabled:opacity-50",
    VARIANT[variant],
    SIZE[size],
  );
}

type ButtonProps = ButtonHTMLAttributes<HTMLButtonElement> & {
  variant?: Variant;
  size?: Size;
  /** Shows that the action is under way and refuses a second press. */
  pending?: boolean;
  ref?: Ref<HTMLButtonElement>;
};

/** A button named by its verb. */
export function Button({ variant, size, pending, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled || pending}
      aria-busy={pending || undefined}
      className={cn(buttonClass(variant, size), className)}
    >
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "children"> & {
  /** What the button does; it has no other text. */
  label: string;
  children: ReactNode;
  ref?: Ref<HTMLButtonElement>;
};

/** A square button whose picture is explained by its label. */
export function IconButton({ label, className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      aria-label={label}
      className={cn(
        "touch inline-flex size-8 shrink-0 items-center justify-center rounded-[4px] text-muted transition-colors duration-100",
        "hover:bg-hover hover:text-fg disabled:pointer-events-none disabled:opacity-50 [&_svg]:size-4",
        className,
      )}
    >
      {children}
    </button>
  );
}
