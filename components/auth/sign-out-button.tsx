"use client";

import { LogOut } from "lucide-react";
import { useState } from "react";
import { paths } from "#lib/client/paths";
import { Button, IconButton } from "../ui/button.tsx";

/** Ends the session on the server, then shows the sign-in page. */
export function SignOutButton({ compact = false }: { compact?: boolean }) {
  const [pending, setPending] = useState(false);
  async function leave() {
    setPending(true);
    const { signOut } = await import("next-auth/react");
    await signOut({ callbackUrl: paths.signIn() });
  }
  if (compact) {
    return (
      <IconButton label="Sign out" onClick={leave} disabled={pending}>
        <LogOut aria-hidden />
      </IconButton>
    );
  }
  return (
    <Button onClick={leave} pending={pending}>
      <LogOut aria-hidden className="size-4" />
      Sign out
    </Button>
  );
}
