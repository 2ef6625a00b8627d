import type { HTMLAttributes, TdHTMLAttributes, ThHTMLAttributes } from "react";
import { cn } from "./cn.tsx";

/**
 * Table parts: hairlines, 36 px rows, mono headers. The frame scrolls sideways by itself, so a wide
 * table never widens the page.
 */
export function TableFrame({ className, ...rest }: HTMLAttributes<HTMLDivElement>) {
  return <div {...rest} className={cn("w-full overflow-x-auto", className)} />;
}

export function Table({ className, ...rest }: HTMLAttributes<HTMLTableElement>) {
  return <table {...rest} className={cn("w-full border-collapse text-left text-data", className)} />;
}

export function TableHead({ className, ...rest }: HTMLAttributes<HTMLTableSectionElement>) {
  return <thead {...rest} className={cn("bg-sunken", className)} />;
}

export function TableBody({ className, ...rest }: HTMLAttributes<HTMLTableSectionElement>) {
  return <tbody {...rest} className={className} />;
}

export function TableRow({ className, ...rest }: HTMLAttributes<HTMLTableRowElement>) {
  return <tr {...rest} className={cn("h-9 border-b border-line last:border-b-0", className)} />;
}

type HeaderProps = ThHTMLAttributes<HTMLTableCellElement> & { numeric?: boolean };

export function TableHeader({ className, numeric, ...rest }: HeaderProps) {
  return (
    <th
      scope="col"
      {...rest}
      className={cn(
        "label h-8 border-b border-line px-3 font-normal whitespace-nowrap",
        numeric && "text-right",
        className,
      )}
    />
  );
}

type CellProps = TdHTMLAttributes<HTMLTableCellElement> & { numeric?: boolean };

export function TableCell({ className, numeric, ...rest }: CellProps) {
  return <td {...rest} className={cn("px-3 py-1.5", numeric && "text-right tabular-nums", className)} />;
}
