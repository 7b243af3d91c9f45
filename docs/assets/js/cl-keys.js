// Keys by their cosines: a row each, a point to drag on the left, a bar of any number on the right.
(() => {
  "use strict";
  if (!window.cl || cl.keys) return;

  const columns = (width) => ({
    track: cl.scale(-1, 1, 40, width * 0.5),
    bar: [width * 0.56, width - 58],
  });

  /** Rows of keys: cosines `s`, and `bars` up to `full` with their `texts`, `aside` at the edge. */
  const rows = (pen, width, { top, row }, { s, bars, full, name, texts, aside = false }) => {
    const { track, bar } = columns(width);
    const bottom = top + row * s.length;
    for (const v of [-1, 0, 1]) {
      pen.line(`keys-x${v}`, "grid", track(v), top, track(v), bottom);
      pen.text(`keys-t${v}`, cl.show(v, 0), track(v), bottom + 15, "middle");
    }
    pen.text("keys-cosine", "cosine s", track(-1), top - 8, "start", "label").dataset.sym = "s";
    pen.text("keys-name", name, bar[0], top - 8, "start", "label");
    pen.line("keys-base", "axis", bar[0], top, bar[0], bottom);
    const under = pen.group("keys-under");
    const over = pen.group("keys-over");
    s.forEach((x, k) => {
      const y = top + row * (k + 0.5);
      const role = k ? "negative" : "positive";
      under.text(`keys-n${k}`, k ? String(k) : "+", 14, y + 5, "middle", "name");
      under.line(`keys-l${k}`, "axis", track(-1), y, track(1), y);
      const long = cl.clamp(bars[k] / full, 0, 1) * (bar[1] - bar[0]);
      under.rect(`keys-b${k}`, "bar", bar[0], y - row * 0.32, long, row * 0.64, role).dataset.sym = k ? "s_neg" : "s_pos";
      if (aside) under.text(`keys-v${k}`, texts[k], width - 8, y + 4, "end");
      else under.text(`keys-v${k}`, texts[k], bar[0] + long + 6, y + 4);
      const value = { now: x, min: -1, max: 1, text: `cosine ${x}, ${name} ${texts[k]}` };
      over.handle(`c${k}`, role, track(x), y, cl.nameOf(k), value);
    });
  };

  const { place, pressed: edited, actions } = cl.points("c", () => 0);

  const dragged = (element, name, x) =>
    place(element, name, columns(element.size[0]).track.back(x));

  const pressed = (element, name, key, turn) => {
    const now = element.state.c[Number(name.slice(1))];
    const next = turn ? now + turn / 100 : { Home: -1, End: 1 }[key];
    if (next === undefined) return edited(element, name, key);
    place(element, name, next);
    return true;
  };

  const cosines = () => cl.list(cl.number(0, -1, 1), [0.8, 0.75, 0.5, 0.2, -0.1, -0.4], 2, 8);

  const python = ({ c, t }) => `import torch, infonce

s = torch.tensor([${JSON.stringify(c).replaceAll(",", ", ")}], dtype=torch.float64)  # the positive first
tau, first = ${t}, torch.tensor([0])
loss = infonce.info_nce_from_similarity(s, first, temperature=tau)
`;

  cl.keys = { rows, dragged, pressed, actions, cosines, python };
})();
