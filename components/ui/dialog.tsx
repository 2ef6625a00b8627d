"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import type { DialogProps } from "./dialog-frame.tsx";

const DialogFrame = dynamic(() => import("./dialog-frame.tsx").then((module) => module.DialogFrame), {
  ssr: false,
});

/**
 * A modal dialog; focus returns to where it was. Give it a title that says what will happen. Its code is
 * fetched when it is opened for the first time.
 */
export function Dialog(props: DialogProps) {
  const [used, setUsed] = useState(props.open);
  if (props.open && !used) setUsed(true);
  return used && <DialogFrame {...props} />;
}
