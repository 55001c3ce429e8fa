// The variants as switches, before each group of figures: all of them show and hide the same.
function legend(before, withSingleRuns) {
  const group = element("div", { class: "variants", role: "group", "aria-label": "Variants in the figures" });
  const switches = data.variants.map((variant, place) => {
    const made = element("button", { type: "button", class: "variant" },
      element("span", { class: "swatch", style: `background:var(--series-${variant.colour})` }), variant.name);
    made.addEventListener("click", () => {
      const hidden = new Set(asked.hidden);
      if (!hidden.delete(place)) hidden.add(place);
      change({ hidden });
    });
    return made;
  });
  const all = element("button", { type: "button" }, "Show all");
  all.addEventListener("click", () => change({ hidden: new Set() }));
  const none = element("button", { type: "button" }, "Hide all");
  none.addEventListener("click", () => change({ hidden: new Set(data.variants.keys()) }));
  if (data.variants.length > 1) group.append(...switches, all, none);
  if (withSingleRuns) {
    const single = element("button", { type: "button" }, `Each ${data.replicate}`);
    single.addEventListener("click", () => change({ single: !asked.single }));
    onChange(() => single.setAttribute("aria-pressed", asked.single));
    single.setAttribute("aria-pressed", "false");
    group.append(single);
  }
  const show = () => switches.forEach((each, place) => each.setAttribute("aria-pressed", isShown(place)));
  onChange(show);
  show();
  before.before(group);
}
