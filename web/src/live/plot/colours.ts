/** Colours of series. */
import { themeColor } from "../../theme/colors";

export const SERIES = 8;

/** The colour of the n-th channel of a stream. */
export function seriesColour(index: number): string {
  return themeColor(`--series-${1 + (index % SERIES)}`);
}
