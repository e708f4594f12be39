import { CircleAlert, CircleCheck, CircleDashed, CircleX, TriangleAlert } from "lucide-react";

const ICONS = {
  PASS: CircleCheck,
  MARGINAL: TriangleAlert,
  FAIL: CircleX,
  INVALID: CircleAlert,
  NOT_RUN: CircleDashed,
};

/** PASS or FAIL by colour, shape and word. */
export function VerdictChip({ outcome }: { outcome: string }) {
  const Icon = ICONS[outcome as keyof typeof ICONS] ?? CircleDashed;
  return (
    <span className="verdict" data-outcome={outcome}>
      <Icon size={13} aria-hidden="true" />
      {outcome.replace("_", " ")}
    </span>
  );
}
