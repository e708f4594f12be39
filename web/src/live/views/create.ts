/** Which view draws what kind of stream. */
import type { StreamModel } from "../models/models";
import type { PanelKind } from "../panel/kinds";
import type { PanelOptions } from "../panel/options";
import type { View } from "../plot/view";
import { LevelsView } from "./levels";
import { NumbersView } from "./numbers";
import { ScopeView } from "./scope";
import { SpectrumView } from "./spectrum";
import { StripView } from "./strip";
import { TrendView } from "./trend";
import { WaterfallView } from "./waterfall";

/** A limit that is judged behind the edge: points over frequency, or one value (a single point at null). */
export interface LimitCurve {
  node: string;
  side: "upper" | "lower";
  points: readonly [frequency: number | null, value: number][];
  /** Channel it judges, or the end of its name; null for all. */
  value: string | null;
}

/** What a view is given besides its stream. */
export interface Surroundings {
  options: PanelOptions;
  limits: readonly LimitCurve[];
}

export interface Showing {
  view: View;
  /** Show another model of the same kind, or with other options; false when it cannot: make a new one. */
  set(model: StreamModel, around: Surroundings): boolean;
}

type ModelOf<K> = Extract<StreamModel, { kind: K }>;

/** A view with what gives it another model, as long as that is of its kind. */
function showing<K extends StreamModel["kind"]>(
  kind: K,
  view: View,
  give: (model: ModelOf<K>, around: Surroundings) => void,
): Showing {
  return {
    view,
    set: (model, around) => {
      if (model.kind !== kind) return false;
      give(model as ModelOf<K>, around);
      return true;
    },
  };
}

export function createView(
  kind: PanelKind,
  host: HTMLElement,
  model: StreamModel,
  around: Surroundings,
  changed: () => void,
): Showing | null {
  if (kind === "trend" && model.kind === "scalar") {
    const view = new TrendView(host, model, around, changed);
    return showing("scalar", view, (next, given) => view.set(next, given));
  }
  if (kind !== model.kind) return null;
  switch (model.kind) {
    case "strip": {
      const view = new StripView(host, model, around, changed);
      return showing("strip", view, (next, given) => view.set(next, given));
    }
    case "scope": {
      const view = new ScopeView(host, model, around, changed);
      return showing("scope", view, (next, given) => view.set(next, given));
    }
    case "spectrum": {
      const view = new SpectrumView(host, model, around, changed);
      return showing("spectrum", view, (next, given) => view.set(next, given));
    }
    case "waterfall": {
      const view = new WaterfallView(host, model, around, changed);
      return showing("waterfall", view, (next, given) => view.set(next, given));
    }
    case "levels": {
      const view = new LevelsView(host, model, changed);
      return showing("levels", view, (next) => view.set(next));
    }
    case "scalar": {
      const view = new NumbersView(host, model, around.options.hidden);
      return showing("scalar", view, (next, given) => view.set(next, given.options.hidden));
    }
  }
}
