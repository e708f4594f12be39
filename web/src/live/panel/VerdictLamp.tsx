import { Ban, Check, CircleDashed, TriangleAlert, X } from "lucide-react";
import type { Verdict } from "../../api/types";

const LOOK = {
  PASS: { icon: Check, tone: "ok", text: "PASS" },
  MARGINAL: { icon: TriangleAlert, tone: "warn", text: "MARGINAL" },
  FAIL: { icon: X, tone: "err", text: "FAIL" },
  INVALID: { icon: Ban, tone: "warn", text: "INVALID" },
  NOT_RUN: { icon: CircleDashed, tone: "quiet", text: "NOT RUN" },
} as const;

/** The verdict so far: a colour, a shape and a word, with its reason. */
export function VerdictLamp({ verdict, compact = false }: { verdict: Verdict | null; compact?: boolean }) {
  const { icon: Icon, tone, text } = LOOK[verdict?.outcome ?? "NOT_RUN"];
  return (
    <div className={`live-lamp live-lamp-${tone}${compact ? " live-lamp-compact" : ""}`} role="status">
      <span className="live-lamp-light">
        <Icon size={compact ? 16 : 40} strokeWidth={compact ? 2.5 : 2.2} aria-hidden="true" />
      </span>
      <strong>{text}</strong>
      {!compact && <p>{verdict?.reason ?? "No verdict yet."}</p>}
    </div>
  );
}
