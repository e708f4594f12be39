import {
  Activity,
  ArrowRightToLine,
  Box,
  CircleQuestionMark,
  FileInput,
  Gauge,
  type LucideIcon,
  SlidersHorizontal,
  Split,
  SquareCheckBig,
} from "lucide-react";

const BY_CATEGORY: Record<string, LucideIcon> = {
  generators: Activity,
  files: FileInput,
  conditioning: SlidersHorizontal,
  logic: Split,
  measurement: Gauge,
  judgement: SquareCheckBig,
  sinks: ArrowRightToLine,
  other: Box,
};

export function iconOf(category: string | undefined): LucideIcon {
  return category === undefined ? CircleQuestionMark : (BY_CATEGORY[category] ?? Box);
}
