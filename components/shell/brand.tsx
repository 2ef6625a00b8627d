import Link from "next/link";
import { paths } from "#lib/client/paths";

/** The product's mark and name. */
export function Brand() {
  return (
    <span className="inline-flex items-center gap-2 text-data font-semibold tracking-[-0.01em]">
      <svg aria-hidden="true" viewBox="0 0 32 32" className="size-6">
        <rect width="32" height="32" rx="7" className="fill-fg" />
        <path
          d="M8 20.5 13.2 24 24 8.5"
          className="stroke-bg"
          fill="none"
          strokeWidth="3.6"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
        <path
          d="M8 14.5 12 17"
          className="stroke-bg"
          strokeOpacity=".6"
          strokeWidth="2.4"
          strokeLinecap="round"
        />
      </svg>
      Touchstone
    </span>
  );
}

/** The product as the way home, where no sidebar has it. */
export function PhoneBrand() {
  return (
    <Link
      href={paths.overview()}
      aria-label="Touchstone: overview"
      className="touch flex items-center md:hidden"
    >
      <Brand />
    </Link>
  );
}
