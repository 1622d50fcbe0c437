/**
 * The severity explorer: a face spoiled step by step, and what a recogniser makes of each step. Its
 * settings are few, so Python has written what each one shows, and here it is looked up.
 */
import { bind, fill, widget } from "./live.js";

/** What the controls change, by the name of its slot. */
export function reading({ slots, shown }, { kind, severity }) {
  const texts = shown[kind][severity];
  return Object.fromEntries(slots.map((name, k) => [name, texts[k]]));
}

/** The same in a few sentences, for a screen reader. */
export function sentence(data, { kind, severity }) {
  const shown = reading(data, { kind, severity });
  const other = shown.other ? `, of the most alike other ${shown.other}` : "";
  const counts = data.networks.map(
    (name, k) => `${name} ${shown[`missed_${k}`]}, from ${shown[`interval_${k}`]}`,
  );
  return (
    `${kind}, severity ${shown.step}: cosine with the template of the same person ${shown.own}${other}, ` +
    `threshold ${data.threshold}. ${shown.verdict}.` +
    (counts.length ? ` Missed of ${data.pairs}: ${counts.join("; ")}.` : "")
  );
}

export function hydrate(root, model) {
  const data = model.get("data");
  const slider = root.querySelector("[data-dial=severity]");
  const said = root.querySelector("[aria-live]");
  const dials = () => ({ kind: model.get("kind"), severity: model.get("severity") });
  const redraw = () => {
    const shown = reading(data, dials());
    fill(root, shown);
    slider.setAttribute("aria-valuetext", shown.step);
  };
  bind(root, model, redraw);
  root.addEventListener("change", () => (said.textContent = sentence(data, dials())));
}

export default widget(hydrate);
