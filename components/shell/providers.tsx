"use client";

import { QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { ThemeProvider } from "next-themes";
import type { ReactNode } from "react";
import { tabQueryClient } from "#lib/client/query";
import { ClockProvider } from "../ui/clock.tsx";

/** What every page needs around it: theme, clock, query client, and the nonce for overlays' styles. */
export function Providers({
  nonce,
  renderedAtMs,
  children,
}: {
  nonce: string | undefined;
  renderedAtMs: number;
  children: ReactNode;
}) {
  if (nonce) setNonce(nonce);
  return (
    <ThemeProvider
      attribute="data-theme"
      defaultTheme="system"
      enableSystem
      disableTransitionOnChange
      {...(nonce ? { nonce } : {})}
    >
      <ClockProvider renderedAtMs={renderedAtMs}>
        <QueryClientProvider client={tabQueryClient()}>{children}</QueryClientProvider>
      </ClockProvider>
    </ThemeProvider>
  );
}
